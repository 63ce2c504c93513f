// Stands here until its owner writes it.

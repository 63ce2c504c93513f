"""The deployment linter: manifests in, findings out."""

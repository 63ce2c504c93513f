"""The same three commands on AWS's wire: only addresses and environment differ."""

import edw
import stores
from three_commands import ThreeCommands


class OnMoto(ThreeCommands):
    def test_a_standard_queue(self):
        self.through(stores.Aws())

    def test_a_fifo_queue(self):
        self.through(stores.Aws(fifo=True))

    def test_what_exists_needs_no_create(self):
        store = stores.Aws()
        store.create()
        self.through(store, 20, create=False)

    def test_base64_on_the_wire(self):
        self.through(stores.Aws(), 20, options=["--encoding", "base64"])

    def test_base64_is_told_from_plain_text_by_default(self):
        self.read_by_default(stores.Aws())


if __name__ == "__main__":
    edw.main()

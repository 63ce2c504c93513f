"""A rule that cannot be broken proves nothing: each is broken here once."""

import tempfile
import unittest
from pathlib import Path

import rules


class ABrokenRule(unittest.TestCase):
    def broken_by(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
            return list(rules.broken(Path(folder)))

    def test_each_is_found_where_it_is_forbidden(self):
        for name, text in {
            "storage/aws/queue.cpp": "#include <curl/curl.h>\n",
            "auth/aws/credentials.cpp": 'auto key = std::getenv("AWS_ACCESS_KEY_ID");\n',
            "http/headers.cpp": '#include "../base/error.hpp"\n',
            "storage/core/uri.cpp": "#include <spdlog/spdlog.h>\n",
            "app/row.cpp": "#include <sqlite3.h>\n",
            "http/curl/easy.cpp": "set(CURLOPT_SSL_VERIFYPEER, 0L);\n",
        }.items():
            with self.subTest(name):
                self.assertEqual(len(self.broken_by(name, text)), 1)

    def test_none_is_found_where_it_is_allowed(self):
        for name, text in {
            "http/curl/easy.cpp": "#include <curl/curl.h>\n",
            "app/main.cpp": "#include <spdlog/spdlog.h>\n",
            "base/environment.hpp": "// libraries never call getenv.\n",
        }.items():
            with self.subTest(name):
                self.assertEqual(self.broken_by(name, text), [])


if __name__ == "__main__":
    unittest.main()

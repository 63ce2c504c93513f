# Sourced by the checks: which files are the project's own.
# shellcheck shell=bash

# sources PATTERN...: tracked files and new ones that are not ignored, NUL-separated.
sources() { git -c safe.directory='*' ls-files -z --cached --others --exclude-standard --deduplicate -- "$@"; }

# Sourced by the scripts of both clouds: speak to the user, keep the log, ask.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

log_file='' # set by log_open

# log_open FILE: from here on, what is said and done also goes to FILE.
log_open() {
  mkdir -p "$(dirname "$1")" || return
  log_file=$1
  log "---- ${0##*/} ${arguments:-}"
}

# redacted [SED-COMMAND]: standard input without what looks like a secret.
redacted() {
  sed -E -e "${1:-}" \
    -e 's/(Bearer|Basic)[[:space:]]+[A-Za-z0-9._~+\/=-]+/[hidden]/Ig' \
    -e 's/((account|access|shared|secret)[_-]?(access[_-]?)?key(id)?|password|passwd|pwd|client[_-]?secret|sas|sig|token|authorization)("?[[:space:]]*[=:][[:space:]]*"?)[^"&[:space:],;}]+/\1\5[hidden]/Ig' \
    -e 's/eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9._-]+/[hidden]/g'
}

# log TEXT: to the log alone, each line with its time.
log() {
  [ -n "$log_file" ] || return 0
  local now
  TZ=UTC printf -v now '%(%FT%TZ)T' -1
  redacted "s|^|$now |" <<<"$1" >>"$log_file"
}

# say TEXT: to the user and the log.
say() {
  printf '%s\n' "$*" >&2
  log "$*"
}

# step TEXT: a heading.
step() { say "==> $*"; }

# fail TEXT: one sentence, and the end. State and resources stay as they are.
fail() {
  say "${0##*/}: $*"
  exit 1
}

# misuse TEXT: the command line or a setting is wrong.
misuse() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 2
}

# confirm QUESTION: true when the user says yes; --yes says it beforehand.
confirm() {
  local answer
  [ -z "${assume_yes:-}" ] || return 0
  printf '%s [y/N] ' "$1" >&2
  read -r answer || answer=''
  log "$1 $answer"
  case $answer in [yY] | [yY][eE][sS]) return 0 ;; *) return 1 ;; esac
}

# quoted WORD...: as one would type it.
quoted() {
  local word out=''
  for word in "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:,=@%+-]*) out+="'${word//\'/\'\\\'\'}' " ;;
      *) out+="$word " ;;
    esac
  done
  printf '%s' "${out% }"
}

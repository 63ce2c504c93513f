# Sourced by each cloud's environment.sh, which sets edw_home: deploy.state comes first, so that a default there never replaces the
# name of something that was made.
# shellcheck shell=bash

: "${EDW_STATE:=$edw_home/deploy.state}"
if [ -r "$EDW_STATE" ]; then
  while IFS= read -r edw_line || [ -n "$edw_line" ]; do
    case $edw_line in
      EDW_*) ;; # deploy.sh's own notes
      [A-Z]*=*) export "${edw_line?}" ;;
    esac
  done <"$EDW_STATE"
fi
unset edw_line edw_home

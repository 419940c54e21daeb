#!/usr/bin/env bash
# A real VS Code workbench in a cache folder: code-server from npm, its native modules built once. Prints the path of its entry point.
# Usage: prepare.sh FOLDER. Does nothing where that has been done. Needs node 20 with its headers, g++, make, python3, rg.
set -euo pipefail
readonly VERSION=4.100.3 # VS Code 1.100.3, the last that runs on node 20
readonly FOLDER=$1/code-server-$VERSION
readonly APP=$FOLDER/node_modules/code-server
readonly VSCODE=$APP/lib/vscode
readonly LOG=$FOLDER/prepare.log
export npm_config_audit=false npm_config_fund=false npm_config_loglevel=error npm_config_update_notifier=false

install_code_server() {
  echo '{"private": true}' >package.json
  # Its own install script refuses root and downloads from GitHub; the three trees are pinned by its npm-shrinkwrap.json.
  npm install --ignore-scripts code-server@$VERSION
  (cd "$VSCODE" && npm install --ignore-scripts --omit=dev)
  (cd "$VSCODE/extensions" && npm install --ignore-scripts --omit=dev)
}

build_native_modules() {
  local node gyp
  node=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  gyp=$(npm root --global)/npm/node_modules/node-gyp/bin/node-gyp.js
  [ -f "$gyp" ] || gyp=$(dirname "$(readlink -f "$(command -v npm)")")/../node_modules/node-gyp/bin/node-gyp.js
  [ -f "$node/include/node/node.h" ] || { echo "no node headers under $node; install node with its include folder" >&2; exit 3; }
  npm_config_nodedir=$node npm_config_build_from_source=true npm rebuild argon2 # code-server does not start without it
  for module in @vscode/spdlog native-watchdog node-pty; do
    (cd "$VSCODE/node_modules/$module" && node "$gyp" rebuild --nodedir="$node")
  done
}

link_what_its_install_script_links() {
  ln -sfn node_modules "$VSCODE/node_modules.asar"
  ln -sfn code-linux.sh "$VSCODE/bin/remote-cli/code-server"
  ln -sfn browser-linux.sh "$VSCODE/bin/helpers/browser.sh"
  mkdir -p "$VSCODE/node_modules/@vscode/ripgrep/bin"
  ln -sfn "$(command -v rg)" "$VSCODE/node_modules/@vscode/ripgrep/bin/rg"
}

mkdir -p "$FOLDER"
cd "$FOLDER"
exec 9>"$FOLDER/.lock"
flock 9 # two test runs may start at once
if [ ! -f .done ]; then
  { install_code_server && build_native_modules && link_what_its_install_script_links; } >"$LOG" 2>&1 \
    || { tail -n 20 "$LOG" >&2; echo "code-server could not be prepared; the whole log is $LOG" >&2; exit 3; }
  touch .done
fi
echo "$APP/out/node/entry.js"

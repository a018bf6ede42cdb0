#!/bin/sh
# Builds the vendored stylesheet and brings the font: sh static/vendor/build.sh
# Needs Node and npm. Whoever runs the site needs neither: the results are committed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --no-save --no-package-lock --no-audit --no-fund \
    nhsuk-frontend@10.6.1 sass@1.108.2 @fontsource-variable/atkinson-hyperlegible-next@5.3.0
modules=$work/node_modules
"$modules/.bin/sass" --no-source-map --style=compressed --quiet-deps \
    --load-path="$modules/nhsuk-frontend/dist" "$here/nhsuk-frontend/nhsuk.scss" "$work/nhsuk.css"
# The error colour must be a real colour while Sass shades it; afterwards it is ours, in both schemes.
sed -e 's/#b3261e/var(--stop)/g' -e 's/#7d1b15/var(--stop-strong)/g' "$work/nhsuk.css" > "$here/nhsuk-frontend/nhsuk.css"
cp "$modules/nhsuk-frontend/dist/nhsuk/assets/images/nhsuk-icon-cross.svg" "$here/nhsuk-frontend/"
font=$modules/@fontsource-variable/atkinson-hyperlegible-next
cp "$font/files/atkinson-hyperlegible-next-latin-wght-normal.woff2" "$font/LICENSE" "$here/atkinson-hyperlegible-next/"

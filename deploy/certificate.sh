#!/usr/bin/env bash
# https within a LAN: an own root, made once, and a certificate of it for the desk's names and addresses.
#
#     deploy/certificate.sh FOLDER NAME-OR-ADDRESS…       such as: deploy/tls desk.lan 192.168.1.5
#
# Run it again for other names, or before the certificate ends: the root stays, and whoever trusts it still does.
# Phones take a certificate of an own root for 825 days at most.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1
shift
names=
for one in "$@"; do
  case $one in
    *[!0-9.]* ) if [[ $one == *:* ]]; then kind=IP; else kind=DNS; fi ;;
    *) kind=IP ;;
  esac
  names+="${names:+,}$kind:$one"
done

umask 077
root=${folder%/}-root
mkdir -p "$root" "$folder"
chmod 0755 "$folder"
if [ ! -e "$root/ca.key" ]; then
  openssl req -x509 -newkey rsa:3072 -sha256 -nodes -days 3650 -subj "/CN=Crossdock of $1" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$root/ca.key" -out "$root/ca.crt" 2>/dev/null
fi
draft=$(mktemp -d "$folder/draft.XXXXXX")
trap 'rm -rf "$draft"' EXIT
openssl req -newkey rsa:2048 -sha256 -nodes -subj "/CN=$1" -keyout "$draft/key.pem" -out "$draft/request" 2>/dev/null
printf '%s\n' "subjectAltName=$names" basicConstraints=CA:FALSE extendedKeyUsage=serverAuth \
  keyUsage=digitalSignature,keyEncipherment >"$draft/extensions"
openssl x509 -req -in "$draft/request" -days 820 -sha256 -extfile "$draft/extensions" \
  -CA "$root/ca.crt" -CAkey "$root/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
  -out "$draft/fullchain.pem" 2>/dev/null
cp "$root/ca.crt" "$draft/crossdock-ca.crt"
chmod 0644 "$draft/fullchain.pem" "$draft/crossdock-ca.crt"
mv "$draft/key.pem" "$draft/fullchain.pem" "$draft/crossdock-ca.crt" "$folder"
echo "For $*: $folder/fullchain.pem and key.pem. Phones and computers are to trust $folder/crossdock-ca.crt:"
openssl x509 -in "$folder/crossdock-ca.crt" -noout -fingerprint -sha256
echo "Keep $root/ca.key from everybody: who has it can be any site to those who trust the root."

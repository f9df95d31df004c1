#!/bin/sh
# casewire-keys from init to a revoked officer: every command once, every
# refusal with its exit code.  usage: test_tool.sh PATH-OF-casewire-keys
set -u
keys=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0

# want CODE COMMAND...: run it, compare the exit code, keep the output.
want()
{
	code=$1
	shift
	"$@" >out 2>err </dev/null
	got=$?
	if [ $got -ne "$code" ]; then
		echo "FAILED: exit $got, wanted $code: $*"
		cat out err
		failed=1
	fi
}

has()
{
	if ! grep -q -- "$1" out err; then
		echo "FAILED: no '$1' in:"
		cat out err
		failed=1
	fi
}

same()
{
	if ! cmp -s "$1" "$2"; then
		echo "FAILED: $1 and $2 differ"
		failed=1
	fi
}

echo "correct horse battery" >pw
echo "another good phrase" >pw2
echo "short" >short
p="--passphrase-file pw"
cheap="--argon2 minimum"

# init
want 2 "$keys" init --dir a --argon2 huge $p
want 2 "$keys" init --dir a $cheap --passphrase-file short
want 5 "$keys" init --dir a $cheap --passphrase-file nowhere
want 2 "$keys" init --dir a $cheap
has passphrase-file
want 0 "$keys" init --dir a --name "Agency A" $cheap $p
has "casewire-keys init"
sed -n 's/^recovery_code *//p' out >code
cp a/root.key was
want 1 "$keys" init --dir a --name "Agency A" $cheap $p
same a/root.key was
want 0 "$keys" init --dir b --name "公安局" $cheap --passphrase-file pw \
    --root-passphrase-file pw2 --json
has '"recovery_code"'
want 2 "$keys" init --relay --dir r --name "no spaces" $cheap $p
want 0 "$keys" init --relay --dir r --name relay.example $cheap $p
want 0 "$keys" show r/relay.key
has type=log
want 0 "$keys" show a/root.key
want 0 "$keys" statement a/keys.1
has "ks_seq *1"

# statement, rotate, revoke
want 3 "$keys" rotate --dir a --passphrase-file pw2
want 3 "$keys" rotate --dir b $p
want 0 "$keys" show a/endpoint.key
s=$(sed -n 's/.*type=sign *kid=\([0-9a-f]*\).*/\1/p' out)
want 0 "$keys" rotate --dir a $p
has "a/keys.2"
want 0 "$keys" show a/endpoint.key
has age=1
if grep -q "$s" out; then echo "FAILED: the old S is still there"; failed=1; fi
want 0 "$keys" rotate transport --dir a $p
has "a/keys.3"
[ "$(grep -c type=transport out)" = 2 ] ||
    { echo "FAILED: not both T are stated"; failed=1; }
want 1 "$keys" rotate transport --dir a $p
mv a/transport.next.key a/transport.key
log=$(printf 'ab%.0s' $(seq 32))
want 2 "$keys" revoke "$s" --dir a $p
want 3 "$keys" revoke "$s" --dir a --reason stolen --cut "$log" $p
want 0 "$keys" revoke "$s" --dir a --reason stolen --cut "$log:17" $p
has "$log:17"
want 0 "$keys" show a/endpoint.key
s=$(sed -n 's/.*type=sign *kid=\([0-9a-f]*\).*/\1/p' out)
want 0 "$keys" revoke "$s" --dir a --reason lost $p
has renewed
want 0 "$keys" show a/endpoint.key
if grep -q "$s" out; then echo "FAILED: a revoked S in use"; failed=1; fi
root=$("$keys" show a/root.key | sed -n 's/.*kid=\([0-9a-f]*\).*/\1/p')
want 7 "$keys" revoke "$root" --dir a --reason lost $p
cp a/keys.5 keep
cp a/keys.1 a/keys.5
want 7 "$keys" statement --dir a $p
cp b/keys.1 a/keys.5
want 7 "$keys" statement --dir a $p
cp keep a/keys.5
cp b/transport.key a/transport.foreign.key
want 7 "$keys" statement --dir a $p
rm a/transport.foreign.key
want 0 "$keys" statement --dir a $p
has a/keys.6

# passphrases and the recovery code
want 3 "$keys" recover passphrase b/endpoint.key --code-file code \
    --new-passphrase-file pw2 $cheap
want 0 "$keys" recover passphrase a/endpoint.key --code-file code \
    --new-passphrase-file pw2 $cheap
want 3 "$keys" recover passphrase a/endpoint.key --code-file code \
    --new-passphrase-file pw2 $cheap
want 3 "$keys" passphrase a/endpoint.key $p --new-passphrase-file pw $cheap
want 0 "$keys" passphrase a/endpoint.key --passphrase-file pw2 \
    --new-passphrase-file pw $cheap
want 0 "$keys" rotate --dir a --passphrase-fd 5 5<pw

# charter
relay="--relay r/root.pub=tcp://127.0.0.1:5570"
want 2 "$keys" charter propose --party a/root.pub $relay
want 2 "$keys" charter propose --party a/root.pub --party b/root.pub
want 3 "$keys" charter propose --party a/root.pub --party "00 x" $relay
bad=$(printf '00%.0s' $(seq 32))
want 3 "$keys" charter propose --party a/root.pub --party "$bad x" $relay
has "good key"
want 8 "$keys" charter propose --party a/root.pub --party a/root.pub $relay
echo "clock ack 1 2" >profile
want 8 "$keys" charter propose --party a/root.pub --party b/root.pub $relay \
    --profile profile
has "line 16"
want 0 "$keys" charter propose --party b/root.pub --party a/root.pub $relay
want 1 "$keys" charter propose --party b/root.pub --party a/root.pub $relay
want 0 "$keys" charter words charter
en=$(sed -n 's/^en *//p' out)
zh=$(sed -n 's/^zh *//p' out)
want 0 "$keys" charter words charter --compare "$en"
want 0 "$keys" charter words charter --compare "$zh" --qr
has "█"
want 2 "$keys" charter words charter --language fr
want 0 "$keys" charter words charter --compare "$en" --json
has '"equal": true'
sed 's/heartbeat 300/heartbeat 301/' charter >forged
want 8 "$keys" charter words forged --compare "$en"
sed 's/^copies 1/copies 1\ncopies 1/' charter >twice
want 8 "$keys" charter check twice
has "line 9"
want 4 "$keys" charter check charter
want 8 "$keys" charter sign forged --root a/root.key --words "$en" $p
want 7 "$keys" charter sign charter --root r/root.key $p
want 7 "$keys" charter sign charter --root a/custodian.key $p
want 0 "$keys" charter sign charter --root a/root.key --words "$zh" $p
want 4 "$keys" charter check charter
want 0 "$keys" charter sign charter --root b/root.key \
    --root-passphrase-file pw2
want 0 "$keys" charter check charter --keys a/keys.1 --keys b/keys.1 \
    --keys r/keys.1
cp charter.a.sig forged.a.sig
cp charter.b.sig forged.b.sig
want 8 "$keys" charter check forged
want 0 "$keys" init --dir c --name Stranger $cheap $p
want 7 "$keys" charter check charter --keys c/keys.1
want 0 "$keys" charter renew charter --days 30 --heartbeat 60
want 4 "$keys" charter check charter.next --renews charter
want 7 "$keys" charter check charter --renews charter.next
want 0 "$keys" charter propose --party a/root.pub --party b/root.pub $relay \
    --from 2020-01-01T00:00:00Z --until 2020-02-01T00:00:00Z --out over
want 7 "$keys" charter sign over --root a/root.key $p

# psk
want 2 "$keys" psk make charter
want 0 "$keys" psk make charter --party a
want 0 "$keys" psk make charter --party b
want 0 "$keys" psk make charter --party a --out again.a.psk
want 0 "$keys" psk make over --party b --out over.b.psk
# A half lies beside its charter, as a signature does.
mkdir far && cp charter far/
want 0 "$keys" psk make far/charter --party a
want 0 test -s far/charter.a.psk
want 1 "$keys" psk combine charter.a.psk again.a.psk
want 8 "$keys" psk combine charter.a.psk over.b.psk
sed 's/^a /b /' charter.a.psk >mirror.psk
want 7 "$keys" psk combine charter.a.psk mirror.psk --out mirrored
want 3 "$keys" psk combine charter.a.psk pw
want 0 "$keys" psk combine charter.b.psk charter.a.psk
[ "$(cat charter.psk)" = "$(cat charter.a.psk
    sed -n 's/^b /b /p' charter.b.psk)" ] ||
    { echo "FAILED: the combined file is not both halves"; failed=1; }
[ "$(stat -c %a charter.psk)" = 600 ] || failed=1

# recovery of a channel
lanes="--lane 0:5:$log:6 --lane 1:0:-:1 --lane 2:0:-:9"
want 2 "$keys" recover channel charter --root a/root.key --reason cloned $p
want 2 "$keys" recover channel charter --root a/root.key --reason cloned \
    --incarnation 3:0000abcd --lane 0:5:$log:6 $p
want 5 "$keys" recover channel nowhere --root a/root.key $p
want 7 "$keys" recover channel charter --root c/root.key --reason cloned \
    --incarnation 3:0000abcd $lanes $p
want 0 "$keys" recover channel charter --root a/root.key --reason cloned \
    --incarnation 3:0000abcd $lanes $p
want 0 "$keys" show recovery
has "recovery statement"

# officers
want 0 "$keys" officer add "Li Wei" --custodian a/custodian.key --desk cyber \
    --role author --role releaser --keys a/keys.1 --out li $cheap $p
want 0 "$keys" show li.cert
has "Li Wei"
want 0 "$keys" show li.key
has type=officer
want 7 "$keys" officer add X --custodian a/custodian.key --desk cyber \
    --keys c/keys.1 --out x $cheap $p
[ ! -e x.key ] || failed=1
want 2 "$keys" officer add X --custodian a/custodian.key --out x $cheap $p
want 7 "$keys" officer add X --custodian a/root.key --desk d --out x $cheap $p
want 0 "$keys" officer revoke li.cert --custodian a/custodian.key $p
want 0 "$keys" show li.cert.revoked
has "revoked *yes"
want 7 "$keys" officer revoke li.cert.revoked --custodian a/custodian.key $p

# every command has help with an example
for c in init show passphrase statement rotate revoke "recover passphrase" \
    "recover channel" "charter propose" "charter words" "charter sign" \
    "charter check" "charter renew" "psk make" "psk combine" "officer add" \
    "officer revoke"; do
	want 0 "$keys" $c --help
	has "casewire-keys $c"
done

[ $failed -eq 0 ] && echo "casewire-keys: all as wanted"
exit $failed

# shellcheck shell=bash disable=SC2154,SC2034 # sourced
# company.sh - a company of twelve, and the twenty stores they left; sourced
#
# make_company: below $pcs, profiles as they are copied from Windows; in
# $tmp/truth, for each person, the lines that ostforge writes of each store.

people=(anna ben carl dora emil fay gus hana ivo jill kurt lena)
outlook=AppData/Local/Microsoft/Outlook

# profile PC WHO PLACE [OPTION...]: what OPTION says, as a store.
profile()
{
	local to=$pcs/$1/Users/$2/$3
	local lines=$tmp/truth/$2.$((++made))

	mkdir -p "${to%/*}" "$tmp/truth"
	"$forge" "${@:4}" -o "$to" --manifest "$lines"
}

make_company()
{
	local n who made=0

	for n in "${!people[@]}"; do
		who=${people[n]}
		local more=()
		[[ $who != anna ]] || more=(--german)
		[[ $who != carl ]] || more=(--shared info)
		profile "PC-$((n + 1))" "$who" "$outlook/$who@corp.example.ost" \
			--kind ost --format unicode --owner "$who" \
			--messages 4 --seed "$((n + 1))" "${more[@]}"
	done
	# Another cache of one mailbox, in which there is more.
	profile PC-13 ben "$outlook/ben@corp.example.ost" --kind ost \
		--format unicode --owner ben --messages 6 --seed 99
	for n in 3 4 5 6 7; do
		profile "PC-$n" "${people[n - 1]}" \
			'Documents/Outlook Files/archive.pst' \
			--messages 3 --seed "$((n + 20))"
	done
	# Not whole, and nothing at all.
	profile PC-11 kurt 'Documents/Outlook Files/archive.pst' \
		--messages 6 --seed 31 --damage missing
	mkdir -p "$pcs/PC-14/Users/lena/$outlook"
	head -c 65536 /dev/zero \
		>"$pcs/PC-14/Users/lena/$outlook/lena@corp.example.ost"
}

# complete_users LISTED SECRET URL [PERSON...]: the archives are theirs in whose
# profile they lie. With people, the others are left out.
complete_users()
{
	local listed=$1 secret=$2 url=$3 who gets

	for who in "${people[@]}"; do
		gets=$url
		(($# == 3)) || [[ " ${*:4} " == *" $who "* ]] || gets=
		! grep -q "^$who@corp.example," "$listed" ||
			echo "$who@corp.example,$gets,$who@corp.example,$secret"
		jq -r --arg who "$who" --arg url "$gets" --arg secret "$secret" \
			'select(.owner == null and
				(.path | contains("/\($who)/"))) |
			[.key, $url, "\($who)@corp.example", $secret] | @csv' \
			"$catalog"
	done
}

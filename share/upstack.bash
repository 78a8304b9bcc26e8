# SPDX-License-Identifier: BSD-3-Clause
# Completion of upstack for bash.
_upstack() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	case $before in
	-r | --read | -F | -w | --write | -o | --output)
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -- "$word")) ;;
	-i | --interface)
		COMPREPLY=($(compgen -W "any $(upstack -D 2>/dev/null | cut -d ' ' -f 1)" -- "$word")) ;;
	-Z | --user)
		COMPREPLY=($(compgen -u -- "$word")) ;;
	--format)
		COMPREPLY=($(compgen -W 'text json ndjson' -- "$word")) ;;
	--events)
		COMPREPLY=($(compgen -W 'tcp' -- "$word")) ;;
	--sort)
		COMPREPLY=($(compgen -W 'bytes resent rtt duration' -- "$word")) ;;
	--color)
		COMPREPLY=($(compgen -W 'auto always never' -- "$word")) ;;
	--min-severity | --fail-on)
		COMPREPLY=($(compgen -W 'info notice warning critical' -- "$word")) ;;
	--only | --explain)
		COMPREPLY=($(compgen -W "$(upstack --list-findings --format ndjson 2>/dev/null |
			sed -n 's/.*"id": *"\([^"]*\)".*/\1/p')" -- "$word")) ;;
	-c | --count | --duration | -s | --snapshot-length | -B | --buffer-size | -C | -G | -W | --every | --memory | --top) ;;
	*)
		COMPREPLY=($(compgen -W '-r --read -i --interface -D --list-interfaces -F -c --count --duration -p
			--no-promiscuous -s --snapshot-length -B --buffer-size -w --write -C -G -W -o --output --every
			--format --events --connections --sort --top --min-severity --only --fail-on -q --quiet -v --verbose --inventory --color --memory -Z --user
			--no-sandbox --explain --list-findings --version -h --help' -- "$word")) ;;
	esac
}
complete -F _upstack upstack

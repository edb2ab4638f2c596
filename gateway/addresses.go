package gateway

import (
	"net/netip"
	"strings"

	"github.com/hustings/hustings/api"
)

// maxRanges is how many address ranges a key may have.
const maxRanges = 32

// readAddresses writes a list of addresses and ranges in the form in which the exchange stores it: ranges such as 10.0.0.0/8, sorted as
// given, with a space between two. IPv4 addresses that are written as IPv6 ones are stored as IPv4.
func readAddresses(list []string) (string, *api.Problem) {
	if len(list) > maxRanges {
		return "", api.CodeInvalidField.Problem("addresses", "A key has at most 32 address ranges.")
	}
	ranges := make([]string, len(list))
	for i, text := range list {
		r, ok := parseRange(text)
		if !ok {
			return "", api.CodeInvalidField.Problem("addresses", "addresses are IP addresses or ranges such as 10.0.0.0/8 or 2001:db8::/32; bits behind the prefix are 0.")
		}
		ranges[i] = r.String()
	}
	return strings.Join(ranges, " "), nil
}

// parseRange reads an address or a range. Zones are of a host's own, so an address with one is none.
func parseRange(text string) (netip.Prefix, bool) {
	r, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return r, false
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	if a := r.Addr(); a.Is4In6() {
		const mapped = 96
		if r.Bits() < mapped {
			return r, false
		}
		r = netip.PrefixFrom(a.Unmap(), r.Bits()-mapped)
	}
	return r, r == r.Masked()
}

// mayComeFrom reports whether a stored list of ranges has the address of a connection. An empty list has all.
func mayComeFrom(ranges, remote string) bool {
	if ranges == "" {
		return true
	}
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	from := at.Addr().Unmap().WithZone("")
	for text := range strings.SplitSeq(ranges, " ") {
		if r, err := netip.ParsePrefix(text); err == nil && r.Contains(from) {
			return true
		}
	}
	return false
}

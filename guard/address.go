package guard

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
)

// AddressKey stands for a client's address: an IPv4 address, or a network of IPv6 (/64), for that is what one subscriber
// has. It is never 0.
type AddressKey uint64

const v4 = 1 << 32 // set in the keys of IPv4; networks of IPv6 with these bits are reserved

// KeyOf returns the key of an address.
func KeyOf(a netip.Addr) AddressKey {
	a = a.Unmap()
	if a.Is4() {
		b := a.As4()
		return v4 | AddressKey(binary.BigEndian.Uint32(b[:]))
	}
	b := a.As16()
	return max(1, AddressKey(binary.BigEndian.Uint64(b[:8])))
}

// Client returns the address of the client behind a connection's peer: the peer itself, unless that is a trusted proxy. Then
// it is the last address of X-Forwarded-For that is not a trusted proxy's: what stands before that, anybody may have
// written. A header that cannot be read tells nothing.
func (p *Policy) Client(peer netip.Addr, forwarded []string) netip.Addr {
	if !p.trusted(peer) {
		return peer
	}
	for _, line := range slices.Backward(forwarded) {
		for line != "" {
			last := line
			if i := strings.LastIndexByte(line, ','); i >= 0 {
				line, last = line[:i], line[i+1:]
			} else {
				line = ""
			}
			a, ok := readAddress(strings.Trim(last, " \t"))
			if !ok {
				return peer
			}
			if peer = a; !p.trusted(a) {
				return a
			}
		}
	}
	return peer
}

// readAddress reads an address with or without a port.
func readAddress(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		with, err := netip.ParseAddrPort(s)
		if err != nil {
			return a, false
		}
		a = with.Addr()
	}
	return a.Unmap(), a.Zone() == ""
}

func (p *Policy) trusted(a netip.Addr) bool {
	if len(p.TrustedProxies) == 0 {
		return false
	}
	a = a.Unmap()
	return slices.ContainsFunc(p.TrustedProxies, func(n netip.Prefix) bool { return n.Contains(a) })
}

// Client returns the address of the client behind a connection's peer, both written as host:port: the peer's own, unless a trusted
// proxy tells another one, whose port is not known and written as 0. See Policy.Client.
func (g *Guard) Client(peer string, forwarded []string) string {
	if len(forwarded) == 0 || len(g.policy.TrustedProxies) == 0 {
		return peer
	}
	at, err := netip.ParseAddrPort(peer)
	if err != nil {
		return peer
	}
	here := at.Addr().Unmap()
	if client := g.policy.Client(here, forwarded); client != here {
		return netip.AddrPortFrom(client, 0).String()
	}
	return peer
}

// KeyOfSocket returns the key of an address written as host:port.
func KeyOfSocket(s string) AddressKey {
	at, err := netip.ParseAddrPort(s)
	if err != nil {
		return 1 // no socket of the Internet: all of them share a bucket
	}
	return KeyOf(at.Addr())
}

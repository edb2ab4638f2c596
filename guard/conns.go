package guard

import (
	"net/netip"
	"sync"
	"sync/atomic"
)

// Conns counts the open connections of each address. It may be used concurrently.
type Conns struct {
	policy  *Policy
	refused *atomic.Uint64
	mu      sync.Mutex
	open    map[AddressKey]int // of those that have any
}

// Conns returns a new count of connections, for a listener.
func (g *Guard) Conns() *Conns {
	return &Conns{policy: &g.policy, refused: &g.connsRefused, open: map[AddressKey]int{}}
}

// Enter counts a connection in, and reports false if the address has as many as it may. Those of trusted proxies are not counted.
func (c *Conns) Enter(peer netip.Addr) bool {
	if c.policy.trusted(peer) {
		return true
	}
	key := KeyOf(peer)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[key] >= c.policy.AddressConns {
		c.refused.Add(1)
		return false
	}
	c.open[key]++
	return true
}

// Leave counts a connection out that was let in.
func (c *Conns) Leave(peer netip.Addr) {
	if c.policy.trusted(peer) {
		return
	}
	key := KeyOf(peer)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[key]--; c.open[key] <= 0 {
		delete(c.open, key)
	}
}

// ConnsRefused is how many connections were not let in, by all counts.
func (g *Guard) ConnsRefused() uint64 { return g.connsRefused.Load() }

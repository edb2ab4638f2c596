package gateway

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"github.com/hustings/hustings/exchange"
)

// nonces remembers which nonces were used with which credential, for as long as their requests would be in time. It holds two
// generations, and drops the older one as a whole when nothing in it can be in time any more.
type nonces struct {
	mu         sync.Mutex
	most       int // in both together
	now, older map[[16]byte]struct{}
	nowEnd     time.Time // when the last request of a generation is out of time
	olderEnd   time.Time
	turned     time.Time
	every      time.Duration // how long a generation takes in
}

// mostNonces is about 64 MiB of them: with windows of ± 5 s, a hundred thousand signed requests a second.
const mostNonces = 1 << 20

type nonceUse uint8

const (
	nonceNew nonceUse = iota
	nonceUsed
	noncesFull
)

func newNonces(window time.Duration, most int) *nonces {
	return &nonces{most: most, every: window, now: map[[16]byte]struct{}{}}
}

// use marks a nonce as used, which is of no use after end.
func (n *nonces) use(who exchange.CredentialID, nonce string, end, now time.Time) nonceUse {
	var b [4 + 64]byte
	binary.LittleEndian.PutUint32(b[:], uint32(who))
	sum := sha256.Sum256(b[:4+copy(b[4:], nonce)])
	k := [16]byte(sum[:16])
	n.mu.Lock()
	defer n.mu.Unlock()
	n.turn(now)
	if _, used := n.now[k]; used {
		return nonceUsed
	}
	if _, used := n.older[k]; used {
		return nonceUsed
	}
	if len(n.now)+len(n.older) >= n.most {
		return noncesFull
	}
	n.now[k] = struct{}{}
	if end.After(n.nowEnd) {
		n.nowEnd = end
	}
	return nonceNew
}

// turn drops the older generation when it is of no use any more, and begins a new one when the present one has lasted long enough.
func (n *nonces) turn(now time.Time) {
	if now.After(n.olderEnd) {
		n.older = nil
	}
	if n.older == nil && now.Sub(n.turned) > n.every {
		n.older, n.olderEnd = n.now, n.nowEnd
		n.now, n.nowEnd, n.turned = map[[16]byte]struct{}{}, time.Time{}, now
	}
}

package shard

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// touch reads, ahead of the commands of a batch, a word of each cache line they will need first. The reads do not
// depend on each other, so their misses overlap, where command by command they would come one after the other.
func (s *Shard) touch(frames []byte) {
	var sum uint64
	for len(frames) > 0 {
		frame, rest, err := wire.Next(frames)
		if err != nil {
			break
		}
		frames = rest
		account, key, ok := wire.CommandHead(frame)
		if !ok {
			break
		}
		sum += uint64(s.keys.Touch(&key))
		if account != 0 && uint32(account) < s.ledger.Accounts.Len() {
			sum += uint64(s.ledger.Accounts.At(uint32(account)).OpenOrders)
		}
		if wire.CommandKind(frame) == exchange.KindCancelOrder {
			if slot := wire.CancelTarget(frame).Slot(); slot < s.orders.Len() && slot > 0 {
				sum += uint64(s.orders.At(slot).Price)
			}
		}
	}
	s.touched = sum
}

package shard

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/wire"
)

// Work done in a batch beside its commands. The numbers are part of the state machine: changing them changes what a
// log replays to.
const (
	timersPerBatch = 1024
	stepsPerBatch  = 1024
)

var appendEvent = wire.AppendEvent

// Apply executes the batch of one log entry and leaves what it did in out. Commands that cannot be read are refused
// like others. An error means that the batch itself is not one of this version, that it asks for rules which this program
// does not know (a *RulesError), or that the shard's own books do not add up: the replica must stop.
func (s *Shard) Apply(batch []byte, out *Output) error {
	now, count, frames, err := wire.ReadBatch(batch)
	if err != nil {
		return fmt.Errorf("applying a batch after Seq %d: %w", s.seq, err)
	}
	s.now = max(s.now, now)
	s.out = out
	out.begin(s.now, s.seq+1)
	s.keys.Expire(s.now-exchange.Time(KeyLifetime), 2*count+timersPerBatch)
	s.fireTimers(timersPerBatch)
	for i := range count {
		if i%window == 0 {
			s.touch(frames)
		}
		var frame []byte
		if frame, frames, err = wire.Next(frames); err != nil {
			frames = nil
		}
		out.Replies = append(out.Replies, exchange.Reply{})
		s.execute(frame, &out.Replies[len(out.Replies)-1])
		if s.asked != 0 {
			return &RulesError{Known: int(s.supported), Asked: int(s.asked)}
		}
	}
	s.step(stepsPerBatch)
	if !s.conserved() {
		return fmt.Errorf("after Seq %d: the money of accounts, markets and house does not add up: %+v", s.seq, s.ledger.Totals)
	}
	return nil
}

// execute answers one command: from the table of keys if it was answered before, by doing it otherwise.
func (s *Shard) execute(frame []byte, r *exchange.Reply) {
	account, key, ok := wire.CommandHead(frame)
	if !ok {
		s.refuse(r, &exchange.CommandRejected{Code: exchange.RejectMalformed})
		return
	}
	if key == (exchange.Key{}) {
		s.do(frame, r)
		return
	}
	content := wire.ContentHash(frame, s.rules < exchange.TransferRules)
	e := s.keys.Find(&key)
	if e != nil && e.Time < s.now-exchange.Time(KeyLifetime) { // its time is over, and its turn has not come
		s.keys.Forget(e)
		e = nil
	}
	if e != nil {
		if e.Content == content {
			*r = e.First()
			return
		}
		s.refuse(r, &exchange.CommandRejected{Account: account, Command: wire.CommandKind(frame), Code: exchange.RejectKeyReused})
		return
	}
	s.do(frame, r)
	if unrecorded(r.Code) { // it may come again
		return
	}
	e = s.keys.Add(&key, content, r)
	if m := s.market(s.about); m != nil {
		s.keys.Link(&m.Keys, s.about, e)
	}
}

// do executes a command whose key is new.
func (s *Shard) do(frame []byte, r *exchange.Reply) {
	s.sign, s.about = 0, 0
	switch wire.CommandKind(frame) {
	case exchange.KindPlaceOrder:
		if wire.ReadPlaceOrder(frame, &s.place) && (!s.place.FundsElsewhere || s.rules >= exchange.TransferRules) {
			s.placeOrder(&s.place, r)
			break
		}
		s.refuse(r, &exchange.CommandRejected{Command: exchange.KindPlaceOrder, Code: exchange.RejectMalformed})
	case exchange.KindCancelOrder:
		var c exchange.CancelOrder
		if wire.ReadCancelOrder(frame, &c) {
			s.cancelOrder(&c, r)
			break
		}
		s.refuse(r, &exchange.CommandRejected{Command: exchange.KindCancelOrder, Code: exchange.RejectMalformed})
	default:
		s.doRare(frame, r)
	}
	r.Time, r.Seq = s.now, s.seq
}

// doRare executes a command of a kind that need not be fast.
func (s *Shard) doRare(frame []byte, r *exchange.Reply) {
	cmd, err := wire.ReadCommand(frame)
	if err != nil || !s.knows(cmd) {
		s.refuse(r, &exchange.CommandRejected{Command: wire.CommandKind(frame), Code: exchange.RejectMalformed})
		return
	}
	rejected := exchange.CommandRejected{Command: cmd.CommandKind()}
	s.about = subject(cmd)
	if m := s.market(s.about); m != nil && m.Stage != market.Here && cmd.CommandKind() < exchange.KindFreezeMarket {
		s.onItsWay(m, r)
		return
	}
	switch c := cmd.(type) {
	case *exchange.AmendOrder:
		rejected.Account, rejected.Market, rejected.Order = c.Account, c.Market, c.Order
		r.Code = s.amendOrder(c, r)
	case *exchange.MassCancel:
		rejected.Account, rejected.Market = c.Account, c.Market
		r.Code = s.massCancel(c, r)
	case *exchange.CreateGroup:
		rejected.Account = c.Account
		r.Code = s.createGroup(c, r)
	case *exchange.ChangeGroup:
		rejected.Account = c.Account
		r.Code = s.changeGroup(c, r)
	case *exchange.SetGroup:
		r.Code = s.setGroup(c, r)
	case *exchange.CountGroup:
		r.Code = s.countGroup(c, r)
	case *exchange.SetDeadMan:
		rejected.Account = c.Account
		r.Code = s.setDeadMan(c, r)
	case *exchange.Register, *exchange.SetPassword, *exchange.CreateCredential, *exchange.RevokeCredential,
		*exchange.Deposit, *exchange.Withdraw, *exchange.SetLimits:
		rejected.Account, _, _ = wire.CommandHead(frame)
		r.Code = s.doAccount(cmd, r)
	case *exchange.SendTransfer, *exchange.ReceiveTransfer, *exchange.ReleaseTransfer:
		rejected.Account, _, _ = wire.CommandHead(frame)
		r.Code = s.doTransfer(cmd, r)
	case *exchange.SetTier, *exchange.EndSessions, *exchange.SetHalt, *exchange.RecordAct:
		rejected.Account, _, _ = wire.CommandHead(frame)
		r.Code = s.doGuard(cmd, r)
	case *exchange.SetApprovals, *exchange.ProposeAct, *exchange.DecideAct:
		rejected.Account, _, _ = wire.CommandHead(frame)
		r.Code = s.doApproval(cmd, r)
	case *exchange.SwitchRules:
		r.Code = s.switchRules(c, r)
	case *exchange.SetPlacement:
		r.Code = s.setPlacement(c, r)
	case *exchange.FreezeMarket, *exchange.ThawMarket, *exchange.AdoptMarket, *exchange.AbandonMarket, *exchange.ReleaseMarket:
		rejected.Market = s.about
		r.Code = s.doMove(cmd, r)
	default:
		rejected.Market, r.Code = s.doMarket(cmd, r)
	}
	if r.Code != exchange.Accepted && !unrecorded(r.Code) {
		rejected.Code = r.Code
		s.refuse(r, &rejected)
	}
}

// unrecorded reports whether a refusal is not the last word: no event tells of it, and the same command may come again.
func unrecorded(code exchange.Reject) bool {
	return code == exchange.RejectFundsElsewhere || code == exchange.RejectGroupElsewhere || code == exchange.RejectMarketMoving || code == exchange.RejectMarketMoved
}

// refuse records a refusal and answers with it.
func (s *Shard) refuse(r *exchange.Reply, e *exchange.CommandRejected) {
	s.rejected = *e
	s.emit(&s.rejected)
	*r = exchange.Reply{Seq: s.seq, Time: s.now, Code: e.Code}
}

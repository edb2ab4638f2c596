package model

import (
	"fmt"
	"reflect"

	"github.com/hustings/hustings/exchange"
)

// Engine is the whole exchange. Its fields may be read between commands; only its methods may change them. It is
// not safe for concurrent use.
type Engine struct {
	Now         exchange.Time
	Accounts    []*Account    // by id, from 1
	Markets     []*Market     // by id, from 1
	Groups      []*Group      // by id, from 1
	Credentials []*Credential // by id, from 1
	Orders      uint64        // orders accepted so far
	House       exchange.Money
	World       exchange.Money // paid in less paid out
	Rules       uint32         // version of the rules that hold

	Placement        []byte // says where markets belong
	PlacementVersion uint64

	Neighbours map[exchange.ShardID]*Neighbour
	Received   exchange.Money               // everything that ever came from other shards
	Released   exchange.Money               // everything that other shards are known to have got
	MovedIn    exchange.Money               // everything that ever came with markets
	Halted     bool                         // no orders are taken
	MovedOut   exchange.Money               // and that ever left with them
	Others     map[exchange.ShardID]*Engine // the other shards, from which markets come

	Approvals exchange.Approvals  // which acts need a second operator
	Proposed  exchange.ProposalID // the newest proposal
	Proposals []*Proposal         // that wait, oldest first
	looking   bool                // whether an act could be done; nothing is done
	approved  bool                // a second operator agreed to the act under way

	arrivals uint64 // orders that came to rest, to check priority by
	keys     keyTable
	hints    map[named]removal
	events   []exchange.Event
}

// DefaultOpenOrders is how many orders an account may have open until its limits are set.
const DefaultOpenOrders = 200_000

// New returns an exchange with nothing in it.
func New() *Engine {
	return &Engine{keys: keyTable{}, Rules: 1, Neighbours: map[exchange.ShardID]*Neighbour{}}
}

// Apply executes a command at a log time that is not before any earlier one. It returns the answer, with Seq left 0,
// and the events, those of closings and dead-man's switches that became due first included. The number of an order's
// id is the one that every engine gives it; its slot is 0.
func (e *Engine) Apply(now exchange.Time, cmd exchange.Command) (exchange.Reply, []exchange.Event) {
	e.events = nil
	if now > e.Now { // what came with a market and is due already waits for the next batch
		e.passTime(now)
	}
	content := e.contentOf(cmd)
	if known, ok := e.keys.find(now, cmd); ok {
		if !reflect.DeepEqual(known.content, content) {
			reply := exchange.Reply{Time: now, Code: exchange.RejectKeyReused}
			e.refused(cmd, reply.Code)
			return reply, e.events
		}
		return known.reply, e.events
	}
	reply := refuse(exchange.RejectMalformed)
	if m := e.about(cmd); e.knows(cmd) && m != nil && !m.here() && !moves(cmd) {
		reply = m.onItsWay()
	} else if e.knows(cmd) {
		reply = e.execute(cmd)
	}
	reply.Time = now
	switch reply.Code {
	case exchange.RejectFundsElsewhere, exchange.RejectGroupElsewhere, exchange.RejectMarketMoving, exchange.RejectMarketMoved: // it may come again, and nobody needs to know
		return reply, e.events
	}
	if reply.Code != exchange.Accepted {
		reply = exchange.Reply{Time: now, Code: reply.Code}
		e.refused(cmd, reply.Code)
	}
	var market exchange.MarketID
	if m := e.about(cmd); m != nil && reply.Code != exchange.RejectMalformed {
		market = m.ID
	}
	e.keys.remember(cmd, remembered{now, content, reply, market})
	return reply, e.events
}

func (e *Engine) execute(cmd exchange.Command) exchange.Reply {
	switch c := cmd.(type) {
	case *exchange.PlaceOrder:
		return e.placeOrder(c)
	case *exchange.CancelOrder:
		return e.cancelOrder(c)
	case *exchange.AmendOrder:
		return e.amendOrder(c)
	case *exchange.MassCancel:
		return e.massCancel(c)
	case *exchange.CreateGroup:
		return e.createGroup(c)
	case *exchange.ChangeGroup:
		return e.changeGroup(c)
	case *exchange.SetGroup:
		return e.setGroup(c)
	case *exchange.CountGroup:
		return e.countGroup(c)
	case *exchange.SetDeadMan:
		return e.setDeadMan(c)
	case *exchange.Register:
		return e.register(c)
	case *exchange.SetPassword:
		return e.setPassword(c)
	case *exchange.CreateCredential:
		return e.createCredential(c)
	case *exchange.RevokeCredential:
		return e.revokeCredential(c)
	case *exchange.Deposit:
		return e.deposit(c)
	case *exchange.Withdraw:
		return e.withdraw(c)
	case *exchange.SetLimits:
		return e.setLimits(c)
	case *exchange.SetTier:
		return e.setTier(c)
	case *exchange.EndSessions:
		return e.endSessions(c)
	case *exchange.SetHalt:
		return e.setHalt(c)
	case *exchange.RecordAct:
		return e.recordAct(c)
	case *exchange.SetApprovals:
		return e.setApprovals(c)
	case *exchange.ProposeAct:
		return e.proposeAct(c)
	case *exchange.DecideAct:
		return e.decideAct(c)
	case *exchange.SwitchRules:
		return e.switchRules(c)
	case *exchange.SetPlacement:
		return e.setPlacement(c)
	case *exchange.FreezeMarket:
		return e.freezeMarket(c)
	case *exchange.ThawMarket:
		return e.thawMarket(c)
	case *exchange.AdoptMarket:
		return e.adoptMarket(c)
	case *exchange.AbandonMarket:
		return e.abandonMarket(c)
	case *exchange.ReleaseMarket:
		return e.releaseMarket(c)
	case *exchange.SendTransfer:
		return e.sendTransfer(c)
	case *exchange.ReceiveTransfer:
		return e.receiveTransfer(c)
	case *exchange.ReleaseTransfer:
		return e.releaseTransfer(c)
	}
	return e.executeMarketAct(cmd)
}

func (e *Engine) executeMarketAct(cmd exchange.Command) exchange.Reply {
	switch c := cmd.(type) {
	case *exchange.CreateMarket:
		return e.createMarket(c)
	case *exchange.UpdateMarket:
		return e.updateMarket(c)
	case *exchange.SuspendMarket:
		return e.suspendMarket(c)
	case *exchange.ResumeMarket:
		return e.resumeMarket(c)
	case *exchange.CloseMarket:
		return e.closeMarket(c)
	case *exchange.ResolveMarket:
		return e.resolveMarket(c)
	case *exchange.VoidMarket:
		return e.voidMarket(c)
	case *exchange.CancelMarketOrders:
		return e.cancelMarketOrders(c)
	}
	panic(fmt.Sprintf("model: unknown command %T", cmd))
}

// refused records a refusal, with as much as is told about a command that was not executed.
func (e *Engine) refused(cmd exchange.Command, code exchange.Reject) {
	who, market, order := subject(cmd)
	switch cmd.(type) {
	case *exchange.ReceiveTransfer, *exchange.SetGroup, *exchange.CountGroup:
		who = 0 // it is about an account that has not asked for it
	}
	c, isOrder := cmd.(*exchange.PlaceOrder)
	switch {
	case code == exchange.RejectMalformed:
		e.emit(&exchange.CommandRejected{Command: cmd.CommandKind(), Code: code})
	case code == exchange.RejectKeyReused:
		e.emit(&exchange.CommandRejected{Account: who, Command: cmd.CommandKind(), Code: code})
	case isOrder:
		e.emit(&exchange.OrderRejected{Market: c.Market, Outcome: c.Outcome, Account: c.Account, Side: c.Side,
			Flags: c.Flags, Price: c.Price, Quantity: c.Quantity, Code: code, ClientID: c.ClientID})
	default:
		e.emit(&exchange.CommandRejected{Account: who, Market: market, Order: order, Command: cmd.CommandKind(), Code: code})
	}
}

func (e *Engine) emit(event exchange.Event) { e.events = append(e.events, event) }

// emitSome emits an event that may be nil.
func (e *Engine) emitSome(event exchange.Event) {
	if event != nil {
		e.emit(event)
	}
}

func refuse(code exchange.Reject) exchange.Reply { return exchange.Reply{Code: code} }

// byID finds a thing in a list that is numbered from 1, or nil.
func byID[ID ~uint32, T any](list []*T, id ID) *T {
	if id == 0 || uint64(id) > uint64(len(list)) {
		return nil
	}
	return list[id-1]
}

package projection_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
)

func TestInconsistentEventsAreNamed(t *testing.T) {
	placed := func(change func(e *exchange.OrderPlaced)) exchange.Event {
		e := &exchange.OrderPlaced{Market: 1, Order: newOrder, Account: 2, Price: 100, Quantity: 5, Resting: 5, Hold: 500, Cash: 974_828}
		change(e)
		return e
	}
	released := func(change func(e *exchange.Release)) exchange.Event {
		e := &exchange.OrderCancelled{Release: exchange.Release{Market: 1, Order: annsBid, Account: 1, Quantity: 6, HoldReleased: 24_000, Cash: 984_000}}
		change(&e.Release)
		return e
	}
	amended := func(change func(e *exchange.OrderAmended)) exchange.Event {
		e := &exchange.OrderAmended{Market: 1, Order: annsBid, Account: 1, Price: 4000, Quantity: 8, Resting: 4, Hold: 16_000, Cash: 968_000}
		change(e)
		return e
	}
	changed := exchange.MarketChanged{Market: 1, Version: 2}
	for _, c := range []struct {
		name    string
		events  []exchange.Event // the last one is wrong
		what    string
		account exchange.AccountID
		market  exchange.MarketID
		order   exchange.OrderID
	}{
		{"cash", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Cash++ })}, "cash was 97.5328", 2, 1, newOrder},
		{"rules go back", []exchange.Event{&exchange.RulesSwitched{Version: 2}, &exchange.RulesSwitched{Version: 2}}, "version 2 of the rules follows version 2", 0, 0, 0},
		{"proposal out of turn", []exchange.Event{&exchange.ActProposed{Proposal: 2}}, "proposal 2 follows proposal 0", 0, 0, 0},
		{"decided twice", []exchange.Event{&exchange.ActProposed{Proposal: 1}, &exchange.ActDecided{Account: 1, Proposal: 1}, &exchange.ActDecided{Account: 2, Proposal: 1}},
			"proposal 1 is decided and does not wait", 2, 0, 0},
		{"approved by who proposed", []exchange.Event{&exchange.ActProposed{Account: 2, Proposal: 1}, &exchange.ActDecided{Account: 2, Proposal: 1}},
			"approved by account 2, which made it", 2, 0, 0},
		{"sent number", []exchange.Event{&exchange.TransferSent{Account: 1, To: 2, Number: 2, Amount: 5, Cash: 959_995}}, "transfer 2 of 0.0005 to shard 2 follows transfer 0", 1, 0, 0},
		{"sent nothing", []exchange.Event{&exchange.TransferSent{Account: 1, To: 2, Number: 1, Cash: 960_000}}, "transfer 1 of 0.0000", 1, 0, 0},
		{"sent cash", []exchange.Event{&exchange.TransferSent{Account: 1, To: 2, Number: 1, Amount: 5, Cash: 960_000}}, "cash was 96.0000", 1, 0, 0},
		{"sent by nobody", []exchange.Event{&exchange.TransferSent{Account: 7, To: 2, Number: 1, Amount: 5}}, "no account 7", 7, 0, 0},
		{"received twice", []exchange.Event{&exchange.TransferReceived{Account: 1, From: 2, Number: 1, Amount: 5, Cash: 960_005},
			&exchange.TransferReceived{Account: 1, From: 2, Number: 1, Amount: 5, Cash: 960_010}}, "transfer 1 of 0.0005 from shard 2 follows transfer 1", 1, 0, 0},
		{"received repays", []exchange.Event{&exchange.TransferReceived{Account: 1, From: 2, Number: 1, Amount: 5, Repaid: 1, Cash: 960_004}}, "0.0001 of 0.0005 repay a debt of 0.0000", 1, 0, 0},
		{"released early", []exchange.Event{&exchange.TransferReleased{To: 2, Number: 1, Amount: 5}}, "not the oldest under way", 0, 0, 0},
		{"released another amount", []exchange.Event{&exchange.TransferSent{Account: 1, To: 2, Number: 1, Amount: 5, Cash: 959_995},
			&exchange.TransferReleased{To: 2, Number: 1, Amount: 4}}, "not the oldest under way", 0, 0, 0},
		{"negative cash", []exchange.Event{&exchange.FundsWithdrawn{Account: 1, Amount: 960_001, Cash: -1}}, "cash is -0.0001", 1, 0, 0},
		{"unknown account", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Account = 7 })}, "no account 7", 7, 1, newOrder},
		{"unknown market", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Market = 7 })}, "no such market", 2, 7, newOrder},
		{"unknown outcome", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Outcome = 1 })}, "no outcome 1", 2, 1, newOrder},
		{"unknown group", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Group = 1 })}, "no group 1", 2, 1, newOrder},
		{"old number", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Order = exchange.NewOrderID(2, 3) })}, "order number 2 follows 2", 2, 1, exchange.NewOrderID(2, 3)},
		{"slot in use", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Order = exchange.NewOrderID(3, 1) })}, "its slot holds order", 2, 1, exchange.NewOrderID(3, 1)},
		{"price", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Price = 0 })}, "its price is 0.0000", 2, 1, newOrder},
		{"no quantity", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Quantity, e.Resting = 0, 0 })}, "its quantity is 0", 2, 1, newOrder},
		{"rests more than ordered", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Resting = 6 })}, "6 rest", 2, 1, newOrder},
		{"immediate and rests", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.TimeInForce = exchange.FillOrKill })}, "it is immediate", 2, 1, newOrder},
		{"closes what is not there", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Closing, e.Quantity, e.Resting = 5, 5, 5 })}, "reserve 0 of 0 yes and 5 of 4 no", 2, 1, newOrder},
		{"crossed", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Side, e.Price, e.Hold, e.Cash = exchange.Sell, 4000, 30_000, 945_328 })}, "crossed", 0, 0, newOrder},
		{"left over", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Resting, e.Hold, e.Cash = 0, 0, 975_328 })}, "5 of its contracts neither", 0, 0, newOrder},
		{"rests twice", []exchange.Event{placed(func(*exchange.OrderPlaced) {}),
			&exchange.OrderRested{Market: 1, Order: newOrder, Account: 2, Resting: 5, Cash: 974_828}}, "not the arriving order", 2, 1, newOrder},
		{"too much rests", []exchange.Event{placed(func(e *exchange.OrderPlaced) { e.Resting, e.Hold, e.Cash = 0, 0, 975_328 }),
			&exchange.OrderRested{Market: 1, Order: newOrder, Account: 2, Resting: 6, Cash: 974_828}}, "6 contracts rest, and 5 are left", 2, 1, newOrder},
		{"unknown order", []exchange.Event{released(func(e *exchange.Release) { e.Order = noOrder })}, "no such open order", 1, 1, noOrder},
		{"another's order", []exchange.Event{released(func(e *exchange.Release) { e.Account = 2 })}, "no such open order", 2, 1, annsBid},
		{"too many leave", []exchange.Event{released(func(e *exchange.Release) { e.Quantity = 7 })}, "7 contracts leave it and 6 are left", 1, 1, annsBid},
		{"too much released", []exchange.Event{released(func(e *exchange.Release) { e.HoldReleased++ })}, "0.0001 more than its hold", 1, 1, annsBid},
		{"too little released", []exchange.Event{released(func(e *exchange.Release) { e.HoldReleased-- })}, "still holds 0.0001", 1, 1, annsBid},
		{"merged without pairs", []exchange.Event{released(func(e *exchange.Release) { e.Merged = 1; e.Cash += 10_000 })}, "its position is 3 yes and -1 no", 1, 1, annsBid},
		{"reduced to something else", []exchange.Event{&exchange.OrderReduced{Release: exchange.Release{Market: 1, Order: annsBid, Account: 1,
			Quantity: 1, Remaining: 4, HoldReleased: 4_000, Cash: 964_000}}}, "not left with the 4", 1, 1, annsBid},
		{"amended below what is filled", []exchange.Event{amended(func(e *exchange.OrderAmended) { e.Quantity = 4 })}, "its quantity is 4 with 4 filled", 1, 1, annsBid},
		{"amended in place upwards", []exchange.Event{amended(func(e *exchange.OrderAmended) { e.Quantity, e.Resting = 11, 7 })}, "keeps its place", 1, 1, annsBid},
		{"amended in place to another price", []exchange.Event{amended(func(e *exchange.OrderAmended) { e.Price = 3900 })}, "keeps its place", 1, 1, annsBid},
		{"amended at a wrong cost", []exchange.Event{amended(func(e *exchange.OrderAmended) { e.Hold-- })}, "cash was 96.0000 and changes by 0.8001", 1, 1, annsBid},
		{"position opened that is none", []exchange.Event{&exchange.PositionOpened{Account: 1, Market: 2}}, "its position has no contracts", 1, 2, 0},
		{"position closed that is open", []exchange.Event{&exchange.PositionClosed{Account: 1, Market: 1}}, "its position has 4 yes and 0 no", 1, 1, 0},
		{"position closed that is none", []exchange.Event{&exchange.PositionClosed{Account: 1, Market: 2}}, "it never had a position", 1, 2, 0},
		{"deposit", []exchange.Event{&exchange.FundsDeposited{Account: 1, Amount: 5, Repaid: 1, Cash: 960_004}}, "repay a debt of 0.0000", 1, 0, 0},
		{"account out of order", []exchange.Event{&exchange.AccountRegistered{Account: 4, Name: "cat"}}, "account before it was 2", 4, 0, 0},
		{"name in use", []exchange.Event{&exchange.AccountRegistered{Account: 3, Name: "bob"}}, `the name "bob"`, 3, 0, 0},
		{"version of an account", []exchange.Event{&exchange.LimitsSet{Account: 1, Version: 3}}, "version 3 follows version 1", 1, 0, 0},
		{"credential out of order", []exchange.Event{&exchange.CredentialCreated{Account: 1, Credential: 2}}, "credential 2 follows credential 0", 1, 0, 0},
		{"unknown credential", []exchange.Event{&exchange.CredentialRevoked{Account: 1, Credential: 2}}, "no credential 2", 1, 0, 0},
		{"group out of order", []exchange.Event{&exchange.GroupCreated{Account: 1, Group: 2}}, "group 2 follows group 0", 1, 0, 0},
		{"deleted group", []exchange.Event{&exchange.GroupCreated{Account: 1, Group: 1}, &exchange.GroupChanged{Account: 1, Group: 1, Action: exchange.DeleteGroup},
			&exchange.GroupChanged{Account: 1, Group: 1}}, "group 1 is deleted", 1, 0, 0},
		{"market twice", []exchange.Event{&exchange.MarketCreated{Market: 1}}, "another market has this id", 0, 1, 0},
		{"market that cannot be", []exchange.Event{&exchange.MarketCreated{Market: exchange.MaxMarkets + 1}}, "or none can", 0, exchange.MaxMarkets + 1, 0},
		{"version of a market", []exchange.Event{&exchange.MarketSuspended{MarketChanged: exchange.MarketChanged{Market: 1, Version: 5}}}, "version 5 follows version 1", 0, 1, 0},
		{"state of a market", []exchange.Event{&exchange.MarketResumed{MarketChanged: changed}}, "goes from open to open", 0, 1, 0},
		{"order in a suspended market", []exchange.Event{&exchange.MarketSuspended{MarketChanged: changed}, placed(func(*exchange.OrderPlaced) {})}, "suspended, not open", 2, 1, newOrder},
		{"order in a halted market", []exchange.Event{&exchange.MarketHalted{MarketChanged: changed}, placed(func(*exchange.OrderPlaced) {})}, "halted", 2, 1, newOrder},
		{"values", []exchange.Event{&exchange.MarketResolved{MarketChanged: changed, Values: []exchange.Price{1, 2}}}, "2 values for 1 books", 0, 1, 0},
		{"paid before it is resolved", []exchange.Event{&exchange.PayoutIssued{Account: 1, Market: 1, Yes: 4}}, "the market is open", 1, 1, 0},
		{"paid too much", []exchange.Event{&exchange.MarketResolved{MarketChanged: changed, Values: []exchange.Price{2500}},
			&exchange.PayoutIssued{Account: 1, Market: 1, Yes: 4, Amount: 10_001, Cash: 970_001}}, "pays 1.0000, not 1.0001", 1, 1, 0},
		{"paid for more contracts", []exchange.Event{&exchange.MarketResolved{MarketChanged: changed, Values: []exchange.Price{2500}},
			&exchange.PayoutIssued{Account: 1, Market: 1, Yes: 5, Amount: 12_500, Cash: 972_500}}, "not 5 yes and 0 no", 1, 1, 0},
		{"settled with money left", []exchange.Event{&exchange.MarketResolved{MarketChanged: changed, Values: []exchange.Price{2500}},
			&exchange.MarketSettled{MarketChanged: exchange.MarketChanged{Market: 1, Version: 3}, Fees: 672}}, "its escrow is 4.0000", 0, 1, 0},
		{"refunded too much", []exchange.Event{&exchange.MarketVoided{MarketChanged: changed},
			&exchange.RefundIssued{Account: 1, Market: 1, Amount: 16_001, Cash: 976_001}}, "it paid 1.6000 net", 1, 1, 0},
		{"refunded out of others' fees", []exchange.Event{&exchange.MarketVoided{MarketChanged: changed},
			&exchange.RefundIssued{Account: 2, Market: 1, Amount: 24_672, Fees: 673, Cash: 1_000_000}}, "from fees of 0.0672", 2, 1, 0},
		{"indebted without need", []exchange.Event{&exchange.MarketVoided{MarketChanged: changed},
			&exchange.RefundIssued{Account: 2, Market: 1, Amount: 24_672, Fees: 672, Receivable: 1, Cash: 1_000_001}}, "it owes 0.0001", 2, 1, 0},
		{"refunded in an open market", []exchange.Event{&exchange.RefundIssued{Account: 1, Market: 1}}, "the market is open", 1, 1, 0},
		{"paid out of nothing", []exchange.Event{&exchange.MarketResolved{MarketChanged: changed, Values: []exchange.Price{10_001}}}, "outcome 0 pays 1.0001", 0, 1, 0},
		{"settled with other fees", []exchange.Event{
			&exchange.MarketResolved{MarketChanged: changed, Values: []exchange.Price{10_000}},
			&exchange.PayoutIssued{Account: 1, Market: 1, Yes: 4, Amount: 40_000, Cash: 1_000_000},
			&exchange.MarketSettled{MarketChanged: exchange.MarketChanged{Market: 1, Version: 3}, Fees: 1}}, "its fees are 0.0672, not 0.0001", 0, 1, 0},
		{"settled with orders", []exchange.Event{
			&exchange.MarketResolved{MarketChanged: changed, Values: []exchange.Price{10_000}},
			&exchange.PayoutIssued{Account: 1, Market: 1, Yes: 4, Amount: 40_000, Cash: 1_000_000},
			&exchange.MarketSettled{MarketChanged: exchange.MarketChanged{Market: 1, Version: 3}, Fees: 672}}, "it has 1 open orders", 0, 1, 0},
		{"settled with contracts", []exchange.Event{
			&exchange.MarketResolved{MarketChanged: changed, Values: []exchange.Price{10_000}},
			&exchange.PayoutIssued{Account: 1, Market: 1, Yes: 4, Amount: 40_000, Cash: 1_000_000},
			&exchange.OrderCancelled{Release: exchange.Release{Market: 1, Order: annsBid, Account: 1, Quantity: 6, HoldReleased: 24_000, Cash: 1_024_000}},
			&exchange.MarketSettled{MarketChanged: exchange.MarketChanged{Market: 1, Version: 3}, Fees: 672}}, "0 yes and 4 no of outcome 0", 0, 1, 0},
		{"closed at another cost", []exchange.Event{
			&exchange.MarketResolved{MarketChanged: changed, Values: []exchange.Price{10_000}},
			&exchange.PayoutIssued{Account: 1, Market: 1, Yes: 4, Amount: 40_000, Cash: 1_000_000},
			&exchange.PositionClosed{Account: 1, Market: 1, Paid: 24_000}}, "-2.4000 was paid for the position", 1, 1, 0},
		{"forfeited", []exchange.Event{&exchange.MarketVoided{MarketChanged: changed}, &exchange.PositionClosed{Account: 1, Market: 1}},
			"1.6000 net, which is not refunded", 1, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := begun(t)
			err := apply(v, start, c.events...)
			var fault *projection.InconsistencyError
			if !errors.As(err, &fault) {
				t.Fatalf("got %v", err)
			}
			want := &projection.InconsistencyError{Seq: exchange.Seq(10 + len(c.events)), Account: c.account, Market: c.market, Order: c.order, What: fault.What}
			if *fault != *want || !strings.Contains(fault.What, c.what) {
				t.Errorf("got  %v\nwant %v, with %q", fault, want, c.what)
			}
			if again := apply(v, start); again != err {
				t.Errorf("afterwards Apply returns %v", again)
			}
			if check := v.Check(); check != err {
				t.Errorf("afterwards Check returns %v", check)
			}
		})
	}
}

func TestInconsistentTradesAreNamed(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(e *exchange.OrderMatched)
		what   string
	}{
		{"maker's cash", func(e *exchange.OrderMatched) { e.MakerCash++ }, "changes by"},
		{"taker's cash", func(e *exchange.OrderMatched) { e.TakerCash-- }, "changes by"},
		{"maker's hold", func(e *exchange.OrderMatched) { e.MakerHold = 40_001 }, "more than its hold"},
		{"negative hold", func(e *exchange.OrderMatched) { e.MakerHold = -1 }, "the hold grows"},
		{"fee", func(e *exchange.OrderMatched) { e.TakerFee++ }, "its fee is 0.0673, the market's rate allows 0.0672"},
		{"quantity", func(e *exchange.OrderMatched) { e.Quantity = 5 }, "5 contracts trade"},
		{"no quantity", func(e *exchange.OrderMatched) { e.Quantity = 0 }, "0 contracts trade"},
		{"price", func(e *exchange.OrderMatched) { e.Price = 4001 }, "does not rest there"},
		{"side", func(e *exchange.OrderMatched) { e.TakerSide = exchange.Buy }, "the taker is not the arriving order"},
		{"taker", func(e *exchange.OrderMatched) { e.Taker = annsBid }, "the taker is not the arriving order"},
		{"maker", func(e *exchange.OrderMatched) { e.Maker = bobsAsk }, "the maker does not rest there"},
		{"accounts", func(e *exchange.OrderMatched) { e.MakerAccount = 2 }, "the maker does not rest there"},
		{"closing", func(e *exchange.OrderMatched) { e.TakerClosing = 1 }, "1 of 4 contracts close"},
		{"merged", func(e *exchange.OrderMatched) { e.MakerMerged = 1; e.MakerCash += 10_000 }, "3 yes and -1 no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			events := beginning()
			matched := *events[7].(*exchange.OrderMatched)
			c.change(&matched)
			events[7] = &matched
			var fault *projection.InconsistencyError
			if err := apply(projection.New(), start, events...); !errors.As(err, &fault) || fault.Seq != 8 || fault.Market != 1 ||
				!strings.Contains(fault.What, c.what) {
				t.Errorf("got %v, want event 8 in market 1 with %q", err, c.what)
			}
		})
	}
}

func TestPriorityIsChecked(t *testing.T) {
	better := &exchange.OrderPlaced{Market: 1, Order: newOrder, Account: 1, Price: 4100, Quantity: 1, Resting: 1, Hold: 4_100, Cash: 955_900}
	second := &exchange.OrderPlaced{Market: 1, Order: newOrder, Account: 1, Price: 4000, Quantity: 1, Resting: 1, Hold: 4_000, Cash: 956_000}
	taker := &exchange.OrderPlaced{Market: 1, Order: exchange.NewOrderID(4, 4), Account: 2, Side: exchange.Sell, Price: 3900, Quantity: 1, Cash: 975_328}
	trade := &exchange.OrderMatched{Market: 1, Taker: taker.Order, MakerAccount: 1, TakerAccount: 2, TakerSide: exchange.Sell, Price: 4000, Quantity: 1}
	for _, c := range []struct {
		name  string
		first *exchange.OrderPlaced
		maker exchange.OrderID
	}{{"price", better, annsBid}, {"time", second, newOrder}} {
		trade := *trade
		trade.Maker = c.maker
		err := apply(begun(t), start, c.first, taker, &trade)
		if err == nil || !strings.Contains(err.Error(), "another order comes before the maker") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRecordsThatAreNotTheNext(t *testing.T) {
	frame := wire.AppendEvent(nil, &exchange.FundsDeposited{Account: 1, Amount: 1, Cash: 960_001})
	for _, c := range []struct {
		name   string
		now    exchange.Time
		first  exchange.Seq
		events []byte
		count  int
		what   string
	}{
		{"gap", start, 12, frame, 1, "the event before it was 10"},
		{"again", start, 10, frame, 1, "the event before it was 10"},
		{"time", start - 1, 11, frame, 1, "log time goes back"},
		{"fewer", start, 11, frame, 0, "34 bytes follow"},
		{"more", start, 11, frame, 2, "reading event 12"},
		{"cut", start, 11, frame[:20], 1, "reading event 11"},
		{"kind", start, 11, []byte{4, 0, 200, 1}, 1, "kind 200 is not known"},
	} {
		v := begun(t)
		if err := v.Apply(c.now, c.first, c.events, c.count); err == nil || !strings.Contains(err.Error(), c.what) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

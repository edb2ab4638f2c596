package projection_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
)

// every is an event of each kind.
func every() []exchange.Event {
	return []exchange.Event{
		&exchange.OrderPlaced{}, &exchange.OrderMatched{}, &exchange.OrderCancelled{}, &exchange.OrderExpired{},
		&exchange.OrderReduced{}, &exchange.OrderAmended{}, &exchange.OrderRejected{}, &exchange.CommandRejected{},
		&exchange.PositionOpened{}, &exchange.PositionClosed{}, &exchange.MassCancelAccepted{}, &exchange.GroupCreated{},
		&exchange.GroupChanged{}, &exchange.DeadManSet{}, &exchange.AccountRegistered{}, &exchange.PasswordSet{},
		&exchange.CredentialCreated{}, &exchange.CredentialRevoked{}, &exchange.FundsDeposited{}, &exchange.FundsWithdrawn{},
		&exchange.LimitsSet{}, &exchange.MarketCreated{}, &exchange.MarketUpdated{}, &exchange.MarketSuspended{},
		&exchange.MarketResumed{}, &exchange.MarketClosed{}, &exchange.MarketResolved{}, &exchange.MarketVoided{},
		&exchange.MarketSettled{}, &exchange.MarketHalted{}, &exchange.MarketOrdersCancelled{}, &exchange.PayoutIssued{},
		&exchange.RefundIssued{}, &exchange.OrderRested{}, &exchange.RulesSwitched{}, &exchange.TransferSent{},
		&exchange.TransferReceived{}, &exchange.TransferReleased{}, &exchange.MarketFrozen{}, &exchange.MarketThawed{}, &exchange.MarketPartAdopted{},
		&exchange.MarketPartDropped{}, &exchange.PlacementSet{}, &exchange.TierSet{}, &exchange.SessionsEnded{},
		&exchange.HaltSet{}, &exchange.OperatorActed{}, &exchange.GroupSet{}, &exchange.GroupCounted{},
		&exchange.ApprovalsSet{}, &exchange.ActProposed{}, &exchange.ActDecided{},
	}
}

func TestEveryIsEveryKind(t *testing.T) {
	for i, e := range every() {
		if int(e.EventKind()) != i+1 {
			t.Errorf("%T is kind %d", e, e.EventKind())
		}
	}
	var d wire.Decoder
	if _, err := d.Event([]byte{4, 0, byte(len(every()) + 1), 1}); err == nil || !strings.Contains(err.Error(), "is not known") {
		t.Errorf("there are more kinds: %v", err)
	}
}

// set sets the fields of an event, those of its embedded structs too, whose names are in the map.
func set(event exchange.Event, values map[string]uint64) {
	v := reflect.ValueOf(event).Elem()
	for name, value := range values {
		if f := v.FieldByName(name); f.IsValid() {
			f.SetUint(value)
		}
	}
}

func TestKeysAreOfAllThatAnEventIsAbout(t *testing.T) {
	for _, e := range every() {
		set(e, map[string]uint64{"Account": 7, "MakerAccount": 7, "TakerAccount": 1 << 31, "Market": 1 << 30})
		frame := wire.AppendEvent(nil, e)
		var want []uint64
		v := reflect.ValueOf(e).Elem()
		if v.FieldByName("Account").IsValid() || v.FieldByName("MakerAccount").IsValid() {
			want = append(want, 1<<56|7)
		}
		if v.FieldByName("TakerAccount").IsValid() {
			want = append(want, 1<<56|1<<31)
		}
		refusal := e.EventKind() == exchange.KindOrderRejected || e.EventKind() == exchange.KindCommandRejected
		if v.FieldByName("Market").IsValid() && !refusal {
			want = append(want, 2<<56|1<<30)
		}
		if v.FieldByName("Move").IsValid() {
			want = append(want, 3<<56|1<<30)
		}
		if got := projection.AppendKeys(frame, []uint64{5}); !slices.Equal(got[1:], want) || got[0] != 5 {
			t.Errorf("%T has keys %x, want %x", e, got, want)
		}
	}
	self := wire.AppendEvent(nil, &exchange.OrderMatched{MakerAccount: 7, TakerAccount: 7, Market: 1})
	if got, want := projection.AppendKeys(self, nil), []uint64{projection.AccountKey(7), projection.MarketKey(1)}; !slices.Equal(got, want) {
		t.Errorf("a trade of an account with itself has keys %x", got)
	}
	all := wire.AppendEvent(nil, &exchange.MassCancelAccepted{Account: 7})
	if got := projection.AppendKeys(all, nil); !slices.Equal(got, []uint64{projection.AccountKey(7)}) {
		t.Errorf("a mass cancel in all markets has keys %x", got)
	}
	for _, frame := range [][]byte{nil, {4, 0, 1}, {4, 0, 1, 1}, {4, 0, 200, 1}} {
		if got := projection.AppendKeys(frame, nil); len(got) != 0 {
			t.Errorf("%x has keys %x", frame, got)
		}
	}
}

func trade() *exchange.OrderMatched {
	return &exchange.OrderMatched{Market: 3, Outcome: 2, TakerSide: exchange.Sell, Price: 4000, Quantity: 10, Maker: annsBid, Taker: bobsAsk,
		MakerAccount: 1, TakerAccount: 2, MakerFee: 5, TakerFee: 7, MakerClosing: 1, TakerClosing: 2, MakerMerged: 3, MakerHold: 36_100,
		MakerCash: 1_000, TakerCash: 2_000}
}

func TestFillsOfATrade(t *testing.T) {
	maker := projection.Fill{Seq: 9, Time: start, Account: 1, Market: 3, Order: annsBid, Outcome: 2, Side: exchange.Buy, Maker: true,
		Price: 4000, Quantity: 10, Closing: 1, Merged: 3, Fee: 5}
	taker := projection.Fill{Seq: 9, Time: start, Account: 2, Market: 3, Order: bobsAsk, Outcome: 2, Side: exchange.Sell,
		Price: 4000, Quantity: 10, Closing: 2, Fee: 7}
	for account, want := range map[exchange.AccountID][]projection.Fill{1: {maker}, 2: {taker}, 3: nil} {
		if diff := cmp.Diff(want, projection.Fills(9, start, trade(), account)); diff != "" {
			t.Errorf("account %d (-want +got):\n%s", account, diff)
		}
	}
	self := trade()
	self.TakerAccount = 1
	taker.Account = 1
	if diff := cmp.Diff([]projection.Fill{maker, taker}, projection.Fills(9, start, self, 1)); diff != "" {
		t.Errorf("with itself (-want +got):\n%s", diff)
	}
	if maker.Cost() != 9*4000-6000-30_000 || taker.Cost() != 8*6000-2*4000 {
		t.Errorf("the maker paid %v, the taker %v", maker.Cost(), taker.Cost())
	}
}

func TestRowsOfTradesAndSettlements(t *testing.T) {
	row, ok := projection.TradeRow(9, start, trade())
	if want := (projection.Trade{Seq: 9, Time: start, Market: 3, Outcome: 2, Price: 4000, Quantity: 10, TakerSide: exchange.Sell,
		Maker: annsBid, Taker: bobsAsk}); !ok || row != want {
		t.Errorf("trade %+v, %v", row, ok)
	}
	for _, c := range []struct {
		event exchange.Event
		want  projection.Settlement
	}{
		{&exchange.PayoutIssued{Account: 1, Market: 3, Outcome: 2, Yes: 4, No: 5, Amount: 6, Cash: 7},
			projection.Settlement{Seq: 9, Time: start, Account: 1, Market: 3, Outcome: 2, Yes: 4, No: 5, Amount: 6, Cash: 7}},
		{&exchange.RefundIssued{Account: 1, Market: 3, Amount: -6, Receivable: 2, Cash: 7},
			projection.Settlement{Seq: 9, Time: start, Account: 1, Market: 3, Void: true, Amount: -6, Receivable: 2, Cash: 7}},
	} {
		if got, ok := projection.SettlementRow(9, start, c.event); !ok || got != c.want {
			t.Errorf("settlement %+v, %v", got, ok)
		}
	}
	for _, e := range every() {
		kind := e.EventKind()
		if _, ok := projection.TradeRow(9, start, e); ok != (kind == exchange.KindOrderMatched) {
			t.Errorf("%T is a trade: %v", e, ok)
		}
		if _, ok := projection.SettlementRow(9, start, e); ok != (kind == exchange.KindPayoutIssued || kind == exchange.KindRefundIssued) {
			t.Errorf("%T is a settlement: %v", e, ok)
		}
	}
}

func TestLedgerEntries(t *testing.T) {
	type line struct {
		kind                string
		cash, hold, balance exchange.Money
	}
	release := exchange.Release{Market: 3, Order: annsBid, Account: 1, HoldReleased: 50, Merged: 1, Cash: 20_000}
	for _, c := range []struct {
		event   exchange.Event
		account exchange.AccountID
		want    []line
	}{
		{&exchange.FundsDeposited{Account: 1, Amount: 100, Repaid: 30, Cash: 170}, 1, []line{{"deposit", 100, 0, 200}, {"repayment", -30, 0, 170}}},
		{&exchange.FundsDeposited{Account: 1, Amount: 100, Cash: 170}, 1, []line{{"deposit", 100, 0, 170}}},
		{&exchange.FundsDeposited{Account: 1, Amount: 100, Cash: 170}, 2, nil},
		{&exchange.FundsWithdrawn{Account: 1, Amount: 100, Cash: 70}, 1, []line{{"withdrawal", -100, 0, 70}}},
		{&exchange.OrderPlaced{Account: 1, Hold: 40, Cash: 60}, 1, []line{{"hold", -40, 40, 60}}},
		{&exchange.OrderPlaced{Account: 1, Cash: 60}, 1, nil},
		{&exchange.OrderRested{Account: 1, Hold: 40, Cash: 60}, 1, []line{{"hold", -40, 40, 60}}},
		{&exchange.OrderCancelled{Release: release}, 1, []line{{"hold", 50, -50, 10_000}, {"merge", 10_000, 0, 20_000}}},
		{&exchange.OrderExpired{Release: release}, 1, []line{{"hold", 50, -50, 10_000}, {"merge", 10_000, 0, 20_000}}},
		{&exchange.OrderReduced{Release: release}, 1, []line{{"hold", 50, -50, 10_000}, {"merge", 10_000, 0, 20_000}}},
		{&exchange.OrderAmended{Account: 1, Hold: 40, Cash: 60}, 1, []line{{"hold", 0, 40, 60}}},
		{&exchange.PayoutIssued{Account: 1, Amount: 40, Cash: 60}, 1, []line{{"payout", 40, 0, 60}}},
		{&exchange.RefundIssued{Account: 1, Amount: -40, Receivable: 30, Cash: 60}, 1, []line{{"refund", -10, 0, 60}}},
		{&exchange.RefundIssued{Account: 1, Amount: -40, Receivable: 40, Cash: 0}, 1, nil},
		{trade(), 1, []line{{"hold", 36_100, -36_100, 1_005}, {"trade", -30_000, 0, -28_995}, {"fee", -5, 0, -29_000}, {"merge", 30_000, 0, 1_000}}},
		{trade(), 2, []line{{"trade", -40_000, 0, 2_007}, {"fee", -7, 0, 2_000}}},
		{trade(), 3, nil},
		{&exchange.PositionOpened{Account: 1}, 1, nil},
	} {
		var got []line
		for _, e := range projection.LedgerEntries(9, start, c.event, c.account) {
			if e.Seq != 9 || e.Time != start || e.Amended != (c.event.EventKind() == exchange.KindOrderAmended) {
				t.Errorf("%+v", e)
			}
			got = append(got, line{e.Kind.String(), e.Cash, e.Hold, e.Balance})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%T for account %d gives %v, want %v", c.event, c.account, got, c.want)
		}
	}
}

// statements are the accounts' ledgers as their entries give them, added up.
type statements map[exchange.AccountID]*projection.Entry

// add adds an event's entries, and returns what does not follow from those before.
func (s statements) add(seq exchange.Seq, now exchange.Time, frame []byte, event exchange.Event) (wrong []projection.Entry) {
	for _, key := range projection.AppendKeys(frame, nil) {
		account := exchange.AccountID(key)
		if key != projection.AccountKey(account) {
			continue
		}
		if s[account] == nil {
			s[account] = &projection.Entry{}
		}
		sum := s[account]
		for _, e := range projection.LedgerEntries(seq, now, event, account) {
			if e.Amended { // from the balance it is known what changed
				sum.Hold += sum.Balance - e.Balance + merged(event)
				sum.Balance = e.Balance
				continue
			}
			sum.Balance += e.Cash
			sum.Hold += e.Hold
			if sum.Balance != e.Balance || e.Balance < 0 && e.Kind == projection.EntryMerge {
				wrong = append(wrong, e)
			}
		}
	}
	return wrong
}

func merged(event exchange.Event) exchange.Money {
	return exchange.Cost(exchange.One, event.(*exchange.OrderAmended).Merged)
}

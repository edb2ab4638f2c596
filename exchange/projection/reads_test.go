package projection_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

func TestOrdersAreFoundByTheClientsOwnID(t *testing.T) {
	v := begun(t)
	long := []byte(strings.Repeat("x", 64))
	usual := []byte("0192f3a4-7b1c-7def-8123-0123456789ab")
	place := func(number uint64, id []byte) exchange.OrderID {
		o := exchange.NewOrderID(number, uint32(number))
		mustApply(t, v, start, &exchange.OrderPlaced{Market: 1, Order: o, Account: 2, Price: 1, Quantity: 1, Resting: 1,
			Hold: 1, Cash: 975_328 - exchange.Money(number-2), ClientID: id})
		return o
	}
	first, second, third, nameless := place(3, usual), place(4, long), place(5, usual), place(6, nil)
	find := func(account exchange.AccountID, id []byte) exchange.OrderID {
		o, ok := v.OrderByClientID(account, id)
		if ok && string(o.ClientID) != string(id) {
			t.Errorf("%s is found for %s", o.ClientID, id)
		}
		return o.ID
	}
	if find(2, usual) != third || find(2, long) != second || find(1, []byte("ann-1")) != annsBid ||
		find(1, usual) != 0 || find(2, nil) != 0 || find(2, []byte("0192")) != 0 {
		t.Error("orders are not found by their client ids")
	}
	for i, o := range []exchange.OrderID{third, second, nameless} {
		mustApply(t, v, start, &exchange.OrderExpired{Release: exchange.Release{Market: 1, Order: o, Account: 2, Quantity: 1,
			HoldReleased: 1, Cash: 975_324 + exchange.Money(i+1)}})
	}
	if find(2, usual) != first || find(2, long) != 0 {
		t.Error("orders that are gone are found by their client ids")
	}
}

func TestOpenOrdersAreListedInPages(t *testing.T) {
	b := projection.NewBuilder(0, 0)
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range exchange.AccountID(2) {
		check(b.AddAccount(&projection.Account{ID: i + 1, Name: fmt.Sprint(i), Version: 1}))
		check(b.AddMarket(&projection.Market{ID: exchange.MarketID(i + 1), Version: 1, Books: make([]projection.Book, 1)}))
	}
	for _, n := range []uint64{5, 3, 9, 7, 1, 8, 2, 6, 4} { // account 1 has the odd ones, market 1 those up to 5
		o := &projection.Order{ID: exchange.NewOrderID(n, uint32(10-n)), Account: exchange.AccountID(2 - n%2), Market: 1, Price: 1, Remaining: 1, Version: 1}
		if n > 5 {
			o.Market = 2
		}
		check(b.AddOrder(o))
	}
	v := b.View()
	for _, c := range []struct {
		market exchange.MarketID
		after  uint64
		limit  int
		want   []uint64
	}{
		{0, 0, 99, []uint64{9, 7, 5, 3, 1}},
		{0, 0, 2, []uint64{9, 7}},
		{0, 7, 2, []uint64{5, 3}},
		{0, 6, 2, []uint64{5, 3}}, // 6 is not its own, or gone
		{1, 0, 2, []uint64{5, 3}},
		{1, 9, 99, []uint64{5, 3, 1}},
		{2, 0, 99, []uint64{9, 7}},
		{0, 1, 99, nil},
	} {
		after := exchange.OrderID(0)
		if c.after != 0 {
			after = exchange.NewOrderID(c.after, uint32(10-c.after))
		}
		var got []uint64
		for _, o := range v.OpenOrders(1, c.market, after, c.limit) {
			got = append(got, o.ID.Number())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v gives %v", c, got)
		}
	}
}

func TestPositionsAreListedInPages(t *testing.T) {
	b := projection.NewBuilder(0, 0)
	var errs []error
	errs = append(errs, b.AddAccount(&projection.Account{ID: 1, Name: "ann", Version: 1}))
	for id := range exchange.MarketID(3) {
		errs = append(errs, b.AddMarket(&projection.Market{ID: id + 1, Version: 1, Books: make([]projection.Book, 3),
			Spec: exchange.MarketSpec{Outcomes: []string{"A", "B", "C"}}}))
	}
	place := func(n int) projection.PositionCursor {
		return projection.PositionCursor{Market: exchange.MarketID(n / 10), Outcome: exchange.Outcome(n % 10)}
	}
	for _, n := range []int{20, 12, 31, 10, 22} {
		errs = append(errs, b.AddPosition(&projection.Position{Account: 1, Market: place(n).Market, Outcome: place(n).Outcome, Yes: 1}))
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	v := b.View()
	for _, c := range []struct {
		after, limit int
		want         []int
	}{
		{0, 9, []int{31, 20, 22, 10, 12}}, {0, 2, []int{31, 20}}, {20, 2, []int{22, 10}}, {21, 9, []int{22, 10, 12}}, {12, 9, nil},
	} {
		var got []int
		for _, p := range v.Positions(1, place(c.after), c.limit) {
			got = append(got, 10*int(p.Market)+int(p.Outcome))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("after %d: %v, want %v", c.after, got, c.want)
		}
	}
}

func TestCredentialsAndGroups(t *testing.T) {
	v := begun(t)
	hash := func(n byte) [32]byte { return [32]byte{0: 1, 31: n} } // which begin alike
	mustApply(t, v, start,
		&exchange.CredentialCreated{Account: 1, Credential: 1, Hash: hash(1), Permissions: exchange.PermRead, ExpireAt: 9, Label: "bot"},
		&exchange.CredentialCreated{Account: 2, Credential: 2, Hash: hash(2), Session: true},
		&exchange.CredentialCreated{Account: 1, Credential: 3, Hash: hash(3)},
		&exchange.CredentialRevoked{Account: 1, Credential: 3},
		&exchange.GroupCreated{Account: 1, Group: 1, Limit: 5, Window: 6},
		&exchange.GroupCreated{Account: 1, Group: 2, Limit: 7, Window: 8},
		&exchange.GroupCreated{Account: 1, Group: 3},
		&exchange.GroupChanged{Account: 1, Group: 1, Action: exchange.TriggerGroup, ByFills: true},
		&exchange.GroupChanged{Account: 1, Group: 3, Action: exchange.DeleteGroup},
		&exchange.DeadManSet{Account: 1, Deadline: 77},
		&exchange.PasswordSet{Account: 1, PasswordHash: "changed"},
		&exchange.LimitsSet{Account: 1, Version: 2, MaxOpenOrders: 5, Blocked: true})
	bot := projection.Credential{ID: 1, Account: 1, Hash: hash(1), Permissions: exchange.PermRead, ExpireAt: 9, Label: "bot", CreatedAt: start}
	revoked := projection.Credential{ID: 3, Account: 1, Hash: hash(3), Revoked: true, CreatedAt: start}
	if diff := cmp.Diff([]projection.Credential{revoked, bot}, v.Credentials(1)); diff != "" {
		t.Error(diff)
	}
	if c, ok := v.CredentialByHash(hash(1)); !ok || c != bot {
		t.Errorf("found %+v", c)
	}
	if _, ok := v.CredentialByHash(hash(4)); ok {
		t.Error("a credential is found that there is not")
	}
	groups := []projection.Group{{ID: 2, Account: 1, Limit: 7, Window: 8, Version: 1}, {ID: 1, Account: 1, Limit: 5, Window: 6, State: projection.GroupTriggered, Version: 1}}
	if diff := cmp.Diff(groups, v.Groups(1)); diff != "" {
		t.Error(diff)
	}
	a, _ := v.Account(1)
	if a.DeadMan != 77 || a.PasswordHash != "changed" || a.Version != 2 || a.MaxOpenOrders != 5 || !a.Blocked {
		t.Errorf("%+v", a)
	}
	mustApply(t, v, start,
		&exchange.GroupChanged{Account: 1, Group: 1, Action: exchange.ResetGroup},
		&exchange.MassCancelAccepted{Account: 1, Reason: exchange.CancelMass})
	if a, _ := v.Account(1); a.DeadMan != 77 || v.Groups(1)[1].State != projection.GroupActive {
		t.Errorf("after a reset and a mass cancel: %+v, %+v", a, v.Groups(1))
	}
	mustApply(t, v, start, &exchange.MassCancelAccepted{Account: 1, Reason: exchange.CancelDeadMan})
	if a, _ := v.Account(1); a.DeadMan != 0 {
		t.Error("the dead-man's switch that went off is still armed")
	}
}

func TestQuestionsOfAnyoneUnknown(t *testing.T) {
	v := begun(t)
	if _, ok := v.Account(3); ok {
		t.Error("account 3")
	}
	if _, ok := v.Account(0); ok {
		t.Error("account 0")
	}
	if _, ok := v.AccountByName("cat"); ok {
		t.Error("an account named cat")
	}
	if _, ok := v.Portfolio(3); ok {
		t.Error("portfolio 3")
	}
	if _, ok := v.Order(2, annsBid); ok {
		t.Error("an order in another market")
	}
	if _, ok := v.Order(1, exchange.NewOrderID(7, 1)); ok {
		t.Error("an order of another number")
	}
	if _, ok := v.Market(2); ok {
		t.Error("market 2")
	}
	if _, ok := v.Depth(1, 1, 5); ok {
		t.Error("outcome 1")
	}
	if _, ok := v.Position(3, 1, 0); ok {
		t.Error("a position of account 3")
	}
	if len(v.Credentials(3))+len(v.Groups(3))+len(v.OpenOrders(3, 0, 0, 1))+len(v.Positions(3, projection.PositionCursor{}, 1)) != 0 {
		t.Error("something of account 3")
	}
}

func TestChangedMarketIsFoundByItsNewWords(t *testing.T) {
	v := begun(t)
	mustApply(t, v, start, &exchange.MarketUpdated{Market: 1, Version: 2, Question: "Will it snow tomorrow?", CloseAt: 5})
	for text, want := range map[string]int{"rain": 0, "snow": 1, "tomorrow": 1, "tomorrows": 0} {
		if got := len(v.Markets(projection.MarketFilter{Text: text}).Markets); got != want {
			t.Errorf("%q finds %d markets", text, got)
		}
	}
	m, _ := v.Market(1)
	if m.Spec.Question != "Will it snow tomorrow?" || m.Spec.CloseAt != 5 || m.Version != 2 {
		t.Errorf("%+v", m)
	}
}

func TestPositionsOfManySettledMarketsAreForgotten(t *testing.T) {
	const holders = 700
	b := projection.NewBuilder(0, 0)
	market := &projection.Market{ID: 1, Version: 1, State: exchange.StateResolved, Books: make([]projection.Book, 1)}
	if err := b.AddMarket(market); err != nil {
		t.Fatal(err)
	}
	for i := range exchange.AccountID(holders) {
		if err := errors.Join(b.AddAccount(&projection.Account{ID: i + 1, Name: fmt.Sprint(i), Version: 1}),
			b.AddPosition(&projection.Position{Account: i + 1, Market: 1, Paid: exchange.Money(i)})); err != nil {
			t.Fatal(err)
		}
	}
	v := b.View()
	mustApply(t, v, 1, &exchange.MarketSettled{MarketChanged: exchange.MarketChanged{Market: 1, Version: 2}})
	for step := range 4 { // in some records more
		for i := range exchange.AccountID(holders) {
			p, _ := v.Portfolio(i + 1)
			if p.Realised != -exchange.Money(i) || len(v.Positions(i+1, projection.PositionCursor{}, 1)) != 0 {
				t.Fatalf("after %d records account %d has %+v", step, i+1, p)
			}
		}
		mustApply(t, v, 1)
	}
	if a, _ := v.Account(holders); a.Realised != 1-holders {
		t.Errorf("the last account's profit is still with its position: %+v", a)
	}
}

func TestWaitingForAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := begun(t)
		ctx, cancel := context.WithCancel(t.Context())
		var done [4]atomic.Int32 // waiters for event 10 + i that were let go
		for i := range 20 {
			go func() {
				seq := exchange.Seq(10 + i%4)
				if err := v.WaitSeq(ctx, seq); err != nil || v.Seq() < seq {
					t.Errorf("waited for %d, and have seen %d: %v", seq, v.Seq(), err)
				}
				done[i%4].Add(1)
			}()
		}
		go func() {
			if err := v.WaitSeq(ctx, 1000); err != context.Canceled {
				t.Errorf("waited in vain: %v", err)
			}
		}()
		for seen := range 4 {
			synctest.Wait()
			for i := range done {
				if want := map[bool]int32{true: 5}[i <= seen]; done[i].Load() != want {
					t.Errorf("at event %d %d of 5 have seen %d", v.Seq(), done[i].Load(), 10+i)
				}
			}
			mustApply(t, v, start, &exchange.FundsDeposited{Account: 1, Amount: 1, Cash: 960_001 + exchange.Money(seen)})
		}
		cancel()
		synctest.Wait()
	})
}

// Readers must see whole records only: here, that money is conserved and that each account's orders hold what it has
// held.
func TestReadersSeeWholeRecords(t *testing.T) {
	f, records := newFlow(t, 20)
	records = append(records, f.records(t, 3_000, 30, 100)...)
	v := projection.New()
	var reading sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		reading.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				got := v.Totals()
				if got.Cash+got.Held+got.Escrow+got.MarketFees+got.HouseFees-got.Receivables != got.World {
					t.Errorf("money is not conserved: %+v", got)
				}
				if err := v.Check(); err != nil {
					t.Error(err)
				}
				v.Markets(projection.MarketFilter{Text: "rain", Sort: projection.SortActivity, Limit: 5})
				v.OpenOrders(3, 0, 0, 50)
				v.Depth(1, 0, 10)
				v.Portfolio(4)
				v.AppendStatistics(nil)
			}
		})
	}
	for _, r := range records {
		if err := v.Apply(r.time, r.first, r.events, r.count); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	reading.Wait()
	if v.Totals().Trades == 0 {
		t.Error("nothing was traded")
	}
}

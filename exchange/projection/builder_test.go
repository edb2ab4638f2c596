package projection_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

func TestCheckFindsWhatABuilderWasGiven(t *testing.T) {
	type parts struct {
		account  projection.Account
		market   projection.Market
		position [2]projection.Position
		order    projection.Order
		house    exchange.Money
		world    exchange.Money
	}
	whole := func() *parts {
		return &parts{
			account: projection.Account{ID: 1, Name: "ann", Version: 1, Cash: 100, Held: 4_000},
			market:  projection.Market{ID: 1, Version: 1, Escrow: 20_000, Fees: 7, Books: make([]projection.Book, 1)},
			position: [2]projection.Position{
				{Account: 1, Market: 1, Yes: 2, ReservedYes: 1, Paid: 15_000},
				{Account: 2, Market: 1, No: 2, Paid: 5_007},
			},
			order: projection.Order{ID: annsBid, Account: 1, Market: 1, Side: exchange.Sell, Price: 6_000, Remaining: 2, Closing: 1, Hold: 4_000, Version: 1},
			house: 3, world: 24_110,
		}
	}
	for _, c := range []struct {
		name   string
		change func(p *parts)
		what   string
	}{
		{"", func(*parts) {}, ""},
		{"cash", func(p *parts) { p.account.Cash = -100; p.world -= 200 }, "cash is -0.0100"},
		{"held", func(p *parts) { p.account.Held++; p.world++ }, "0.4001 is held, its orders hold 0.4000"},
		{"world", func(p *parts) { p.world++ }, "add up to 2.4110, deposits less withdrawals to 2.4111"},
		{"house", func(p *parts) { p.house, p.world = -1, p.world-4 }, "the house's fees are -0.0001"},
		{"escrow", func(p *parts) { p.market.Escrow++; p.world++ }, "its accounts paid 2.0007"},
		{"worth", func(p *parts) { p.market.Escrow++; p.world++; p.position[0].Paid++ }, "its escrow is 2.0001, its contracts are worth 2.0000"},
		{"pairs", func(p *parts) { p.position[1].No = 3 }, "2 yes and 3 no"},
		{"reserved", func(p *parts) { p.position[0].ReservedYes = 2 }, "2 yes and 0 no are reserved, by orders 1 and 0"},
		{"reserved too much", func(p *parts) { p.position[0].ReservedYes = 3 }, "reserve 3 of 2 yes"},
		{"hold", func(p *parts) { p.order.Hold--; p.account.Held--; p.world-- }, "it holds 0.3999, its opening part can cost 0.4000"},
		{"closing", func(p *parts) { p.order.Closing = 3 }, "2 are left and 3 of these close"},
		{"no position", func(p *parts) { p.order.Account = 2 }, "it closes 1 contracts of no position"},
	} {
		p := whole()
		if c.change(p); c.name == "no position" {
			p.position[1].Account = 3
		}
		b := projection.NewBuilder(7, start)
		b.AddHouse(p.house, p.world)
		for _, err := range []error{
			b.AddAccount(&p.account), b.AddAccount(&projection.Account{ID: 2, Name: "bob", Version: 1}), b.AddAccount(&projection.Account{ID: 3, Name: "cat", Version: 1}),
			b.AddMarket(&p.market), b.AddPosition(&p.position[0]), b.AddPosition(&p.position[1]), b.AddOrder(&p.order),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		err := b.View().Check()
		if (c.what == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.what) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestBuilderRefusesWhatDoesNotFit(t *testing.T) {
	b := projection.NewBuilder(0, 0)
	order := projection.Order{ID: annsBid, Account: 1, Market: 1, Price: 1, Remaining: 1}
	position := projection.Position{Account: 1, Market: 1, Yes: 1}
	if err := errors.Join(b.AddAccount(&projection.Account{ID: 1, Version: 1}),
		b.AddMarket(&projection.Market{ID: 1, Books: make([]projection.Book, 1)}), b.AddOrder(&order), b.AddPosition(&position)); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"account 1 comes after account 1":              b.AddAccount(&projection.Account{ID: 1}),
		"a shard has no number":                        b.AddNeighbour(&projection.Neighbour{}),
		"market 1 comes after market 1":                b.AddMarket(&projection.Market{ID: 1, Books: make([]projection.Book, 1)}),
		"market 2 has 2 books for 1 outcomes":          b.AddMarket(&projection.Market{ID: 2, Books: make([]projection.Book, 2)}),
		"credential 1 has no account 2":                b.AddCredential(&projection.Credential{ID: 1, Account: 2}),
		"group 1 has no account 2":                     b.AddGroup(&projection.Group{ID: 1, Account: 2}),
		"has the slot of order":                        b.AddOrder(&order),
		"market 2, outcome 0: there is no such book":   b.AddOrder(&projection.Order{ID: noOrder, Account: 1, Market: 2}),
		"market 1, outcome 1: there is no such book":   b.AddPosition(&projection.Position{Account: 1, Market: 1, Outcome: 1}),
		"account 1 in market 1, outcome 0 comes twice": b.AddPosition(&position),
	} {
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q: %v", what, err)
		}
	}
}

// state is what a View is built from, one of each.
type state struct {
	seq        exchange.Seq
	fees       exchange.Money
	world      exchange.Money
	halted     bool
	approvals  exchange.Approvals
	proposal   projection.Proposal
	account    projection.Account
	credential projection.Credential
	group      projection.Group
	market     projection.Market
	spec       exchange.MarketSpec
	book       projection.Book
	position   projection.Position
	orders     [2]projection.Order
}

func oneOfEach() *state {
	order := projection.Order{ID: annsBid, Account: 1, Market: 1, Price: 6_000, Remaining: 2, Version: 1}
	behind := order
	behind.ID = bobsAsk
	return &state{
		account:    projection.Account{ID: 1, Name: "ann", Tier: exchange.TierStandard},
		credential: projection.Credential{ID: 1, Account: 1, Hash: [32]byte{1}},
		group:      projection.Group{ID: 1, Account: 1, Version: 1},
		market:     projection.Market{ID: 1},
		position:   projection.Position{Account: 1, Market: 1, Yes: 2, No: 1},
		orders:     [2]projection.Order{order, behind},
	}
}

func (s *state) view(tb testing.TB) *projection.View {
	b := projection.NewBuilder(s.seq, start)
	b.AddHouse(s.fees, s.world)
	b.SetHalted(s.halted)
	b.SetApprovals(s.approvals, 1)
	b.AddProposal(s.proposal)
	s.market.Spec, s.market.Books = s.spec, []projection.Book{s.book}
	if err := errors.Join(b.AddAccount(&s.account), b.AddCredential(&s.credential), b.AddGroup(&s.group), b.AddMarket(&s.market),
		b.AddPosition(&s.position), b.AddOrder(&s.orders[0]), b.AddOrder(&s.orders[1])); err != nil {
		tb.Fatal(err)
	}
	return b.View()
}

func TestDiffNamesEveryDifference(t *testing.T) {
	view := oneOfEach().view(t)
	if !view.Equal(oneOfEach().view(t)) {
		t.Fatalf("not equal to itself: %q", view.Diff(oneOfEach().view(t)))
	}
	differs := func(what, field string, change func(s *state)) {
		s := oneOfEach()
		change(s)
		other := s.view(t)
		lines := view.Diff(other)
		if view.Equal(other) || other.Equal(view) || len(lines) == 0 || !strings.Contains(strings.Join(lines, " "), what) {
			t.Errorf("%s of %s: %q", field, what, lines)
		}
	}
	fields(oneOfEach().account, []string{"ID", "OpenOrders", "Realised"}, func(field string, changed projection.Account) {
		differs("account 1", field, func(s *state) { s.account = changed })
	})
	fields(oneOfEach().approvals, nil, func(field string, changed exchange.Approvals) {
		differs("acts that need a second operator", field, func(s *state) { s.approvals = changed })
	})
	fields(oneOfEach().proposal, nil, func(field string, changed projection.Proposal) {
		differs("proposal", field, func(s *state) { s.proposal = changed })
	})
	differs("proposal", "act", func(s *state) { s.proposal.Act = []byte{1} })
	fields(oneOfEach().credential, []string{"ID", "Account", "CreatedAt"}, func(field string, changed projection.Credential) {
		differs("credential 1", field, func(s *state) { s.credential = changed })
	})
	fields(oneOfEach().group, []string{"ID", "Account"}, func(field string, changed projection.Group) {
		differs("group 1", field, func(s *state) { s.group = changed })
	})
	fields(oneOfEach().market, []string{"ID", "OpenOrders", "CreatedAt", "ActiveAt", "Volume", "DayVolume", "Trades"}, func(field string, changed projection.Market) {
		differs("market 1", field, func(s *state) { s.market = changed })
	})
	fields(oneOfEach().spec, nil, func(field string, changed exchange.MarketSpec) {
		differs("market 1", field, func(s *state) { s.spec = changed })
	})
	fields(oneOfEach().book, []string{"Yes", "No", "Bid", "Ask", "BidQuantity", "AskQuantity", "Volume", "Trades", "DayVolume", "DayBefore"}, func(field string, changed projection.Book) {
		differs("market 1", field, func(s *state) { s.book = changed })
	})
	fields(oneOfEach().position, []string{"Account", "Market", "Outcome", "YesCost", "NoCost"}, func(field string, changed projection.Position) {
		differs("position of account 1 in market 1", field, func(s *state) { s.position = changed })
	})
	fields(oneOfEach().orders[0], []string{"ID", "Account", "Market", "Outcome", "Quantity", "PlacedAt"}, func(field string, changed projection.Order) {
		differs("order 16777217 of account 1 in market 1", field, func(s *state) { s.orders[0] = changed })
	})
	differs("seq", "seq", func(s *state) { s.seq++ })
	differs("shard", "house fees", func(s *state) { s.fees++ })
	differs("shard", "world", func(s *state) { s.world++ })
	differs("shard", "halted", func(s *state) { s.halted = true })
	differs("stand in different order", "queue", func(s *state) { s.orders[0], s.orders[1] = s.orders[1], s.orders[0] })
	differs("slot 1", "id", func(s *state) { s.orders[0].ID = exchange.NewOrderID(8, 1) })
	differs("in slot 1: exists true, other false", "id", func(s *state) { s.orders[0].ID = noOrder })
	differs("market 1: source", "source", func(s *state) { s.market.Ending.Source = "x" })
	differs("market 1: outcomes", "outcomes", func(s *state) { s.spec.Outcomes = []string{"A"} })
	differs("credential 1", "hash", func(s *state) { s.credential.Hash[0]++ })
}

// fields sets each field of a struct to something else in turn, and calls do with the changed struct.
func fields[T any](from T, skip []string, do func(name string, changed T)) {
	typ := reflect.TypeOf(from)
	for i := range typ.NumField() {
		name := typ.Field(i).Name
		changed := from
		f := reflect.ValueOf(&changed).Elem().Field(i)
		switch f.Kind() {
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.String:
			f.SetString(f.String() + "x")
		case reflect.Int64:
			f.SetInt(f.Int() + 1)
		case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			f.SetUint(f.Uint() + 1)
		default:
			continue
		}
		if !strings.Contains(" "+strings.Join(skip, " ")+" ", " "+name+" ") {
			do(name, changed)
		}
	}
}

package desk

import (
	"strings"
	"testing"

	"github.com/hustings/hustings/api"
)

func binary() *api.MarketInfo {
	return &api.MarketInfo{Market: 3, Question: "Will it rain in Paris tomorrow?", Kind: api.Binary, Status: "open", TakerFee: 200,
		Outcomes: []api.OutcomeInfo{{Outcome: api.Yes, LastPrice: 6_100}, {Outcome: api.No, LastPrice: 3_900}}}
}

func threeWay() *api.MarketInfo {
	return &api.MarketInfo{Market: 4, Question: "Where will it rain first tomorrow?", Kind: api.Categorical, Status: "open",
		Outcomes: []api.OutcomeInfo{{Outcome: "London", LastPrice: 5_000}, {Outcome: "Paris"}, {Outcome: "Rome"}}}
}

// yesBook has offers of 6 at 0.61 and 20 at 0.65, and bids of 8 at 0.58 and 30 at 0.50.
var yesBook = api.Book{
	Outcome: api.Yes,
	Asks:    []api.Level{{Price: 6_100, Quantity: 6, Orders: 1}, {Price: 6_500, Quantity: 20, Orders: 2}},
	Bids:    []api.Level{{Price: 5_800, Quantity: 8, Orders: 1}, {Price: 5_000, Quantity: 30, Orders: 3}},
}

// A ticket says what an order means. Each line below must be in it.
func TestTicket(t *testing.T) {
	for _, test := range []struct {
		name  string
		m     *api.MarketInfo
		o     api.PlaceOrder
		held  uint32
		lines []string
		none  string // what must not be there
	}{
		{"a part trades and the rest waits", binary(), api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 6_200, Quantity: 10}, 0,
			[]string{"Buy 10 Yes at 0.62 or better", "trades now    6 at 0.61 on average", "rests         4 in the book at 0.62", "cost          6.14,",
				"payout        10.00 if it is Yes", "profit        +3.86 if it is Yes", "probability   61.40 % is where you break even; the market says 61 %",
				"fee           0.05 at most"}, "closes"},
		{"nothing trades", binary(), api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 6_000, Quantity: 10}, 0,
			[]string{"trades now    nothing", "rests         10 in the book at 0.60", "cost          6.00,"}, ""},
		{"selling what one does not hold is buying the opposite", binary(), api.PlaceOrder{Outcome: api.Yes, Side: api.Sell, Price: 5_800, Quantity: 8}, 0,
			[]string{"Sell 8 Yes at 0.58 or better", "trades now    8 at 0.58 on average", "cost          3.36,", "payout        8.00 if it is No",
				"probability   42 % is where you break even; the market says 39 %"}, "rests"},
		{"selling what one holds", binary(), api.PlaceOrder{Outcome: api.Yes, Side: api.Sell, Price: 5_800, Quantity: 8}, 20,
			[]string{"closes        8 of your Yes", "brings in     4.64"}, "payout"},
		{"buying closes the opposite first", binary(), api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 6_000, Quantity: 10}, 4,
			[]string{"closes        4 of your No", "brings in     1.60", "cost          3.60,", "payout        6.00 if it is Yes"}, ""},
		{"what is there now", binary(), api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Type: api.TypeMarket, Price: 6_500, Quantity: 40}, 0,
			[]string{"Buy 40 Yes at 0.65 or better, what is there now", "trades now    26 at 0.64", "cost          16.66,"}, "rests"},
		{"the opposite of a named outcome", threeWay(), api.PlaceOrder{Outcome: "London", Contract: api.No, Side: api.Buy, Price: 4_500, Quantity: 10}, 0,
			[]string{"Buy 10 London (No) at 0.45 or better", "trades now    8 at 0.42", "payout        10.00 if it is London (No)", "the market says 50 %"}, "fee"},
		{"selling the opposite of a named outcome", threeWay(), api.PlaceOrder{Outcome: "London", Contract: api.No, Side: api.Sell, Price: 3_500, Quantity: 10}, 0,
			[]string{"Sell 10 London (No) at 0.35 or better", "or better\n", "trades now    10 at 0.374 on", "payout        10.00 if it is London, else"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			drawn := newTicket(test.m, &test.o, levels(&yesBook, &test.o), test.held).draw(screen{})
			for _, line := range test.lines {
				if !strings.Contains(drawn, line) {
					t.Errorf("%q is not in\n%s", line, drawn)
				}
			}
			if test.none != "" && strings.Contains(drawn, "  "+test.none) {
				t.Errorf("%q is in\n%s", test.none, drawn)
			}
		})
	}
}

// The fee on a ticket is an upper bound of what the exchange may charge.
func TestFeeMost(t *testing.T) {
	for _, test := range []struct {
		rate  api.Rate
		o     api.PlaceOrder
		wants api.Money
	}{
		{200, api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 5_000, Quantity: 100}, 5_000},
		{200, api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 9_000, Quantity: 100}, 5_000}, // it may trade at a half
		{200, api.PlaceOrder{Outcome: api.Yes, Side: api.Sell, Price: 9_000, Quantity: 100}, 1_800},
		{1, api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 1, Quantity: 1}, 1}, // rounded up
		{10_000, api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 5_000, Quantity: 1_000_000}, 2_500_000_000},
		{0, api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 5_000, Quantity: 100}, 0},
	} {
		m := binary()
		m.TakerFee = test.rate
		if got := newTicket(m, &test.o, nil, 0).feeMost(); got != test.wants {
			t.Errorf("rate %s, %+v: %s, want %s", test.rate, test.o, got, test.wants)
		}
	}
}

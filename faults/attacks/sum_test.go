package attacks

import (
	"fmt"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// Sums do not overflow: the greatest amounts are taken until the exchange has no room for more money, and then refused; so are orders
// whose price × quantity is the greatest.
func TestSumsDoNotOverflow(t *testing.T) {
	g := newGround(t)
	largest := fmt.Sprintf(`{"amount":%q}`, api.Money(exchange.MaxAmount).String())
	taken := int64(0)
	for most := int64(exchange.MaxWorld/exchange.MaxAmount) + 1; taken <= most; taken++ {
		if a := g.do(route("deposit"), request{token: g.bob.key, body: largest}); a.status >= 400 {
			if a.code() != "amount_out_of_range" {
				t.Errorf("%d %s", a.status, a.body)
			}
			break
		}
	}
	if least := int64(exchange.MaxWorld/exchange.MaxAmount) - 1; taken < least {
		t.Errorf("%d deposits were taken, not %d", taken, least)
	}
	for price, want := range map[string]string{"0.99": "", "0.01": ""} {
		a := g.do(route("placeOrder"), request{token: g.bob.key, body: `{"outcome":"yes","side":"buy","price":"` + price + `","quantity":1000000,"post_only":true}`})
		if code := a.code(); code != want && code != "post_only_crosses" {
			t.Errorf("%s: %d %s", price, a.status, a.body)
		}
	}
	p := take[api.Portfolio](g, "getPortfolio", request{token: g.bob.key, query: "fresh=true"})
	if p.Cash <= 0 || p.Equity < p.Cash || int64(p.Cash+p.Held)/int64(exchange.MaxAmount) != taken {
		t.Errorf("after %d deposits of %s: %+v", taken, api.Money(exchange.MaxAmount), p)
	}
}

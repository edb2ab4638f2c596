package projection_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

func TestStatisticsSurviveARestart(t *testing.T) {
	v := begun(t)
	mustApply(t, v, start+1, closing()...)
	mustApply(t, v, start+2,
		&exchange.CredentialCreated{Account: 1, Credential: 1, Hash: [32]byte{1}},
		&exchange.MarketCreated{Market: 2, Spec: exchange.MarketSpec{Question: "Anything else?"}},
		&exchange.MarketVoided{MarketChanged: exchange.MarketChanged{Market: 2, Version: 2}, Reason: "mistake"})
	statistics := v.AppendStatistics(nil)
	restored := rebuilt(t, v, statistics)
	if !restored.Equal(v) {
		t.Fatalf("they differ: %q", restored.Diff(v))
	}
	for _, read := range []func(v *projection.View) any{
		func(v *projection.View) any { m, _ := v.Market(1); return m },
		func(v *projection.View) any { m, _ := v.Market(2); return m },
		func(v *projection.View) any { p, _ := v.Portfolio(1); return p },
		func(v *projection.View) any { p, _ := v.Portfolio(2); return p },
		func(v *projection.View) any { return v.OpenOrders(1, 0, 0, 9) },
		func(v *projection.View) any { return v.Credentials(1) },
		func(v *projection.View) any { return v.Totals() },
		func(v *projection.View) any { return v.Markets(projection.MarketFilter{Sort: projection.SortActivity}) },
		func(v *projection.View) any { return v.Markets(projection.MarketFilter{Sort: projection.SortVolume}) },
		func(v *projection.View) any { o, _ := v.OrderByClientID(1, []byte("ann-1")); return o },
	} {
		if diff := cmp.Diff(read(v), read(restored)); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
	}
	for n := range statistics {
		if err := builderOf(t, v).AddStatistics(statistics[:n]); err == nil {
			t.Fatalf("%d of %d bytes are taken", n, len(statistics))
		}
	}
	statistics[1]++
	if err := builderOf(t, v).AddStatistics(statistics); err == nil || !strings.Contains(err.Error(), "they are of event 17, not 16") {
		t.Errorf("statistics of another Seq: %v", err)
	}
}

// builderOf returns a Builder with the state of a View without its statistics.
func builderOf(tb testing.TB, v *projection.View) *projection.Builder {
	b := projection.NewBuilder(v.Seq(), v.Now())
	totals := v.Totals()
	b.AddHouse(totals.HouseFees, totals.World)
	var errs []error
	for id := range exchange.AccountID(totals.Accounts) {
		a, _ := v.Account(id + 1)
		errs = append(errs, b.AddAccount(&a))
		for _, c := range v.Credentials(id + 1) {
			c.CreatedAt = 0
			errs = append(errs, b.AddCredential(&c))
		}
	}
	for id := range exchange.MarketID(totals.Markets) {
		m, _ := v.Market(id + 1)
		m.CreatedAt, m.ActiveAt, m.Ending.VoidReason = 0, 0, ""
		for i := range m.Books {
			m.Books[i].Volume, m.Books[i].Trades = 0, 0
		}
		errs = append(errs, b.AddMarket(&m))
		for _, p := range v.Holders(id + 1) {
			p.YesCost, p.NoCost = 0, 0
			errs = append(errs, b.AddPosition(&p))
		}
		for side := range exchange.Side(2) {
			for _, o := range v.Orders(id+1, 0, side) {
				o.ClientID, o.PlacedAt = nil, 0
				errs = append(errs, b.AddOrder(&o))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		tb.Fatal(err)
	}
	return b
}

func rebuilt(tb testing.TB, v *projection.View, statistics []byte) *projection.View {
	b := builderOf(tb, v)
	if err := b.AddStatistics(statistics); err != nil {
		tb.Fatal(err)
	}
	return b.View()
}

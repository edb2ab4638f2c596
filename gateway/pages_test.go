package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
)

// lists are all routes with pages: what their entries are in, what tells one from another, and whether the newest come first.
var lists = map[string]struct {
	entries, id string
	newestFirst bool
}{
	"listMarkets":         {"markets", "market", true},
	"listTrades":          {"trades", "seq", true},
	"listOrders":          {"orders", "order", true},
	"listPositions":       {"positions", "market", false},
	"listFills":           {"fills", "seq", true},
	"listSettlements":     {"settlements", "seq", true},
	"listLedger":          {"entries", "seq", true},
	"listMarketPositions": {"positions", "account", false},
	"listAccounts":        {"accounts", "account", false},
	"adminListPositions":  {"positions", "market", false},
	"listFindings":        {"findings", "observed", true},
}

// pager reads a list page by page.
type pager struct {
	s       *site
	ask     ask
	entries string
	id      string
	cursor  string
	ids     []string
}

// next reads one page, and reports whether there is another one.
func (p *pager) next(limit int) bool {
	p.s.tb.Helper()
	a := p.ask
	a.path += fmt.Sprintf("?limit=%d", limit)
	if p.cursor != "" {
		a.path += "&cursor=" + p.cursor
	}
	w := p.s.do(a)
	if w.Code != 200 {
		p.s.tb.Fatalf("%s: %d %s", a.path, w.Code, w.Body)
	}
	var page map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
		p.s.tb.Fatal(err)
	}
	for _, e := range page[p.entries].([]any) {
		o := e.(map[string]any)
		p.ids = append(p.ids, fmt.Sprint(o[p.id], o["outcome"], o["kind"], o["amount"]))
	}
	p.cursor, _ = page["next_cursor"].(string)
	return p.cursor != ""
}

// found is what a manipulation watch has found, oldest first.
type found []api.Finding

func (f *found) Kinds() []string { return []string{"layering"} }

func (f *found) Newest(before uint64, kind string, market api.ID, limit int) (all []NumberedFinding) {
	for i := len(*f) - 1; i >= 0 && len(all) < limit; i-- {
		x := (*f)[i]
		if n := uint64(i + 1); (before == 0 || n < before) && (kind == "" || kind == x.Kind) && (market == 0 || slices.Contains(x.Markets, market)) {
			all = append(all, NumberedFinding{n, x})
		}
	}
	return all
}

// Every list, page by page, has each entry once and ends, while new entries come in; a cursor of another list is refused.
func TestEveryListHasStablePages(t *testing.T) {
	findings := new(found)
	s := newSite(t, func(c *Config) { c.Findings = findings })
	ada, bob := s.trader("ada", "100"), s.trader("bob", "100")
	grow := func() {
		m := s.market("")
		*findings = append(*findings, api.Finding{Kind: "layering", Markets: []api.ID{m}, Observed: m})
		for _, price := range []string{"0.50", "0.40"} {
			s.place(ada, m, `{"outcome":"yes","side":"buy","price":"`+price+`","quantity":2}`)
		}
		s.place(bob, m, `{"outcome":"no","side":"buy","price":"0.5","quantity":1}`)
		s.place(ada, 1, `{"outcome":"yes","side":"buy","price":"0.60","quantity":1}`)
		s.place(bob, 1, `{"outcome":"no","side":"buy","price":"0.4","quantity":1}`)
		s.trader(fmt.Sprint("trader-", m), "1")
		done := s.market("")
		s.place(ada, done, `{"outcome":"yes","side":"buy","price":"0.50","quantity":1}`)
		s.place(bob, done, `{"outcome":"no","side":"buy","price":"0.5","quantity":1}`)
		want[api.MarketAnswer](t, 200, s.admin("POST", fmt.Sprintf("/markets/%d/resolve", done), `{"values":["1"],"source":"here"}`))
	}
	for range 4 {
		grow()
	}
	for _, r := range api.Routes() {
		paged := slices.ContainsFunc(r.Query, func(p api.Param) bool { return p.Name == "cursor" })
		list, known := lists[r.Name]
		if !paged && !known {
			continue
		}
		if paged != known {
			t.Errorf("%s has pages and no test, or the other way round", r.Name)
			continue
		}
		a := someRequest(&r)
		a.token = ada.token
		if r.Listener == api.Admin {
			a.token = adminKey
		}
		all := &pager{s: s, ask: a, entries: list.entries, id: list.id}
		for all.next(200) {
		}
		if len(all.ids) < 2 {
			t.Errorf("%s has %d entries: %v", r.Name, len(all.ids), all.ids)
		}
		pages := &pager{s: s, ask: a, entries: list.entries, id: list.id}
		n := 1
		for ; pages.next(1) && n < 1_000; n++ {
			if n == 1 {
				grow() // while somebody reads
			}
		}
		slices.Sort(pages.ids)
		if n == 1_000 || len(slices.Compact(slices.Clone(pages.ids))) != len(pages.ids) {
			t.Errorf("%s: %d pages with %v", r.Name, n, pages.ids)
		}
		for _, id := range all.ids {
			if !slices.Contains(pages.ids, id) {
				t.Errorf("%s: %s is on no page", r.Name, id)
			}
		}
		if list.newestFirst && len(pages.ids) != len(all.ids) {
			t.Errorf("%s: %d entries on pages that began before others came, not %d", r.Name, len(pages.ids), len(all.ids))
		}
		for _, cursor := range []string{"%21", "A", "AA==", strings.Repeat("A", 100), "gICAgICAgICAgAE", writeCursor(1, 2, 3, 4)} {
			bad := a
			bad.path += "?cursor=" + cursor
			refused(t, s.do(bad), 400, "invalid_query", "cursor")
		}
	}
}

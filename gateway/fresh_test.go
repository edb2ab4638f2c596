package gateway

import (
	"testing"

	"github.com/hustings/hustings/api"
)

// A read that must be fresh is not answered while nobody can say what is; others are.
func TestFreshReads(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "100")
	for _, alone := range []bool{false, true, false} {
		s.alone.Store(alone)
		want[api.Orders](t, 200, s.get(ada, "/api/orders"))
		want[api.Orders](t, 200, s.get(ada, "/api/orders?fresh=false"))
		if w := s.get(ada, "/api/orders?fresh=true"); alone {
			refused(t, w, 503, "not_caught_up", "fresh")
		} else {
			want[api.Orders](t, 200, w)
		}
	}
}

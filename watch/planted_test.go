package watch_test

import (
	"testing"

	"github.com/hustings/hustings/load/manipulation"
	"github.com/hustings/hustings/watch"
)

// Manipulations are planted in hours of believable trading. Nine of ten are found, and nine of ten findings are about one.
func TestPlantedManipulationIsFound(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		s := manipulation.Generate(manipulation.Default(seed))
		found, err := manipulation.Watch(s, watch.DefaultRoom())
		if err != nil {
			t.Fatal(err)
		}
		j := manipulation.Judge(s, found)
		t.Logf("seed %d, %d events:", seed, s.Events)
		for k, of := range j.Kinds {
			t.Logf("%-15v planted %2d  found %2d  recall %.2f   findings %2d  right %2d  precision %.2f",
				watch.Kind(k), of.Planted, of.Detected, of.Recall(), of.Findings, of.True, of.Precision())
			if of.Planted == 0 {
				t.Errorf("seed %d: no %v was planted", seed, watch.Kind(k))
			}
		}
		if j.All.Precision() < 0.9 || j.All.Recall() < 0.9 {
			t.Errorf("seed %d: precision %.3f, recall %.3f", seed, j.All.Precision(), j.All.Recall())
		}
	}
}

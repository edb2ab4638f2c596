package history

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// Verdict is what became of the check of a whole history.
type Verdict struct {
	Subjects   int
	Calls      int
	Open       int      // calls without an answer
	Violations []string // subjects that no exchange could have answered for, with the drawing of each
	Undecided  []string // subjects for which the time did not suffice
}

// Check decides about every subject by itself, and gives each the time that is named. For a violation it draws a picture
// into dir.
func (r *Recorder) Check(each time.Duration, dir string) (Verdict, error) {
	r.mu.Lock()
	subjects := r.subjects
	r.mu.Unlock()
	v := Verdict{Subjects: len(subjects)}
	var mu sync.Mutex
	var firstErr error
	work := make(chan *Subject)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for s := range work {
				operations := s.operations()
				result, info := porcupine.CheckOperationsVerbose(s.model, operations, each)
				mu.Lock()
				v.Calls += len(operations)
				for _, o := range operations {
					if o.Output == nil {
						v.Open++
					}
				}
				if err := v.add(s, result, info, dir); err != nil && firstErr == nil {
					firstErr = err
				}
				mu.Unlock()
			}
		})
	}
	for _, s := range subjects {
		work <- s
	}
	close(work)
	wait.Wait()
	return v, firstErr
}

func (v *Verdict) add(s *Subject, result porcupine.CheckResult, info porcupine.LinearizationInfo, dir string) error {
	switch result {
	case porcupine.Ok:
	case porcupine.Unknown:
		v.Undecided = append(v.Undecided, s.Name)
	default:
		picture := filepath.Join(dir, strings.ReplaceAll(s.Name, " ", "-")+".html")
		v.Violations = append(v.Violations, s.Name+" (see "+picture+")")
		file, err := os.Create(picture) // #nosec G304 -- the caller's directory
		if err != nil {
			return fmt.Errorf("draw a history: %w", err)
		}
		defer file.Close()
		if err := porcupine.Visualize(s.model, info, file); err != nil {
			return fmt.Errorf("draw a history: %w", err)
		}
	}
	return nil
}

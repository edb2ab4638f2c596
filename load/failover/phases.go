package failover

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/hustings/hustings/load/cluster"
)

// What verbose nodes say of an election.
const (
	stands  = "is starting a new election"
	elected = "became leader at term"
)

// logs are the nodes' logs, from some moment on.
type logs map[string]int64 // file: bytes that were there before

func markLogs(nodes []*cluster.Node) (logs, error) {
	l := logs{}
	for _, n := range nodes {
		info, err := os.Stat(n.LogFile)
		if err != nil {
			return nil, err
		}
		l[n.LogFile] = info.Size()
	}
	return l, nil
}

// phases reads when, after the fault, a node first stood for election and when one was first elected.
func (l logs) phases(fault time.Time) (p Phases, err error) {
	for file, from := range l {
		if err := readPhases(file, from, fault, &p); err != nil {
			return p, fmt.Errorf("reading when a node was elected: %w", err)
		}
	}
	return p, nil
}

func readPhases(file string, from int64, fault time.Time, p *Phases) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return err
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		at, ok := timeOf(line)
		if !ok {
			continue
		}
		since := max(at.Sub(fault), 1) // the log has whole milliseconds
		switch {
		case strings.Contains(line, stands):
			earliest(&p.Stood, since)
		case strings.Contains(line, elected):
			earliest(&p.Elected, since)
		}
	}
	return lines.Err()
}

// timeOf reads when a line of a log was written.
func timeOf(line string) (time.Time, bool) {
	value, found := strings.CutPrefix(line, "time=")
	if !found {
		return time.Time{}, false
	}
	value, _, _ = strings.Cut(value, " ")
	at, err := time.Parse(time.RFC3339Nano, value)
	return at, err == nil
}

func earliest(of *time.Duration, d time.Duration) {
	if *of == 0 || d < *of {
		*of = d
	}
}

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

// Logs are the nodes' logs, from some moment on.
type Logs map[string]int64 // file: bytes that were there before

// MarkLogs returns the logs of nodes from now on.
func MarkLogs(nodes []*cluster.Node) (Logs, error) {
	l := Logs{}
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
func (l Logs) phases(fault time.Time) (p Phases, err error) {
	for file, from := range l {
		if err := readPhases(file, from, fault, &p); err != nil {
			return p, fmt.Errorf("reading when a node was elected: %w", err)
		}
	}
	return p, nil
}

func readPhases(file string, from int64, fault time.Time, p *Phases) error {
	return eachLine(file, from, func(line string) {
		at, ok := timeOf(line)
		if !ok {
			return
		}
		since := max(at.Sub(fault), 1) // the log has whole milliseconds
		switch {
		case strings.Contains(line, stands):
			earliest(&p.Stood, since)
		case strings.Contains(line, elected):
			earliest(&p.Elected, since)
		}
	})
}

// Campaigns counts how often a node stood for election.
func (l Logs) Campaigns() (n int, err error) {
	for file, from := range l {
		err := eachLine(file, from, func(line string) {
			if strings.Contains(line, stands) {
				n++
			}
		})
		if err != nil {
			return n, fmt.Errorf("reading how often nodes stood for election: %w", err)
		}
	}
	return n, nil
}

// eachLine shows the lines of a file from an offset on.
func eachLine(file string, from int64, show func(line string)) error {
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
		show(lines.Text())
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

package hosts_test

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/hustings/hustings/faults/hosts"
)

func TestClockOfOneProcess(t *testing.T) {
	hosts.Need(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), tellTime+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	lines := bufio.NewScanner(out)
	lines.Scan()
	clock, err := hosts.NewClock(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer clock.Close()
	for _, shift := range []time.Duration{time.Hour, -time.Hour, 0} {
		if err := clock.Shift(shift); err != nil {
			t.Fatal(err)
		}
		var off time.Duration
		for range 20 { // some lines were written before
			lines.Scan()
			told, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			off = time.Until(time.Unix(told, 0)) - shift
		}
		if off.Abs() > time.Minute {
			t.Errorf("shifted by %v, the process's clock is off by %v more", shift, off)
		}
	}
	if again, err := hosts.NewClock(cmd.Process.Pid); err != nil {
		t.Error(err)
	} else {
		again.Close()
	}
}

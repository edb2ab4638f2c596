package hosts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// inside tells the test process that it runs in namespaces of its own.
const inside = "HUSTINGS_HOSTS_INSIDE"

var refused error // why there are no hosts here

// Run runs the tests of a package in namespaces of their own and returns the exit status. TestMain calls it with its
// M.Run. Where the kernel does not permit namespaces, the tests run all the same, and those that call Need are skipped.
func Run(tests func() int) int {
	if os.Getenv(inside) != "" {
		if err := settle(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return tests()
	}
	// #nosec G204 -- the test program itself, with its own arguments
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &unix.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: unix.SIGKILL}
	if refused = cmd.Start(); refused != nil {
		return tests()
	}
	err := cmd.Wait()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() < 0 {
		fmt.Fprintln(os.Stderr, "the tests on hosts:", err)
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

// Missing says why there are no hosts here, nil if there are.
func Missing() error {
	if refused != nil {
		return fmt.Errorf("hosts need root and network namespaces, which are not to be had here: %w", refused)
	}
	for _, device := range []string{"/dev/net/tun", "/dev/loop-control"} {
		if _, err := os.Stat(device); err != nil {
			return fmt.Errorf("hosts need a device: %w", err)
		}
	}
	for _, tool := range []string{"nsenter", "mkfs.ext4", "mount", "umount"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("hosts need %s of the packages util-linux, mount and e2fsprogs: %w", tool, err)
		}
	}
	return nil
}

// Need skips a test where there are no hosts.
func Need(t testing.TB) {
	t.Helper()
	if err := Missing(); err != nil {
		t.Skip(err)
	}
}

// settle makes the new namespaces usable: mounts stay in here, /proc shows the processes in here, loopback works.
func settle() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep mounts to ourselves: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc of our processes: %w", err)
	}
	return loopback()
}

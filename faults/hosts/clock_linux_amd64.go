package hosts

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Clock moves the wall clock of one running process, and of nothing else. A program asks the kernel's vDSO for the time:
// code that the kernel maps into every process. Of that code a process has its own copy as soon as a debugger writes to
// it, so we write to it:
//
//	b8 e4 00 00 00          mov  eax, 228        the system call clock_gettime(edi = clock, rsi = where to)
//	0f 05                   syscall
//	85 ff                   test edi, edi        CLOCK_REALTIME is clock 0
//	75 0a                   jnz  end
//	48 8b 15 0e 00 00 00    mov  rdx, [shift]    seconds
//	48 01 16                add  [rsi], rdx
//	c3                 end: ret
//	…                shift: 8 bytes, at a multiple of 8
//
// The monotonic clock, which runs timers, goes on as it is: so does the one of a machine whose time is set.
type Clock struct {
	memory *os.File
	shift  int64 // address
}

var clockCode = [shiftAt + 8]byte{
	0xb8, 0xe4, 0, 0, 0, 0x0f, 0x05, 0x85, 0xff, 0x75, 0x0a, 0x48, 0x8b, 0x15, shiftAt - 18, 0, 0, 0, 0x48, 0x01, 0x16, 0xc3,
}

const shiftAt = 32 // from the beginning of the code

// NewClock takes hold of the clock of a process. The process is stopped for a moment, and runs afterwards.
func NewClock(pid int) (*Clock, error) {
	memory, err := os.OpenFile(filepath.Join("/proc", strconv.Itoa(pid), "mem"), os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("take hold of the clock of process %d: %w", pid, err)
	}
	c := &Clock{memory: memory}
	if err := c.install(pid); err != nil {
		memory.Close()
		return nil, fmt.Errorf("take hold of the clock of process %d: %w", pid, err)
	}
	return c, nil
}

// Shift sets by how much the process's clock differs from the machine's, in whole seconds.
func (c *Clock) Shift(by time.Duration) error {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(int64(by/time.Second)))
	if _, err := c.memory.WriteAt(b[:], c.shift); err != nil {
		return fmt.Errorf("shift a clock: %w", err)
	}
	return nil
}

// Close lets go of the clock, which stays as it is.
func (c *Clock) Close() error { return c.memory.Close() }

func (c *Clock) install(pid int) error {
	code, size, err := c.find(pid)
	if err != nil {
		return err
	}
	if code%8 != 0 || size < int64(len(clockCode)) {
		return fmt.Errorf("no room for code of ours: %d bytes at %#x", size, code)
	}
	c.shift = code + shiftAt
	var opening [16]byte
	if _, err := c.memory.ReadAt(opening[:], code); err != nil {
		return err
	}
	if bytes.Equal(opening[:], clockCode[:16]) {
		return nil // it was ours before
	}
	for range 100 {
		free, err := c.write(pid, code, size)
		if free || err != nil {
			return err
		}
	}
	return errors.New("a thread asks for the time whenever it is stopped")
}

// write replaces the code, unless a thread is about to run it.
func (c *Clock) write(pid int, code, size int64) (done bool, err error) {
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, unix.Kill(pid, unix.SIGCONT)) }()
	at, err := programCounters(pid)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(at, func(pc uint64) bool { return pc-uint64(code) < uint64(size) }) {
		return false, nil
	}
	_, err = c.memory.WriteAt(clockCode[:], code)
	return err == nil, err
}

// find returns the address and size of the function that a program calls to read a clock.
func (c *Clock) find(pid int) (addr, size int64, err error) {
	maps, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "maps"))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(maps)) {
		if !strings.HasSuffix(strings.TrimSpace(line), "[vdso]") {
			continue
		}
		var from, to int64
		if _, err := fmt.Sscanf(line, "%x-%x", &from, &to); err != nil {
			return 0, 0, fmt.Errorf("read the process's map %q: %w", line, err)
		}
		image := make([]byte, to-from)
		if _, err := c.memory.ReadAt(image, from); err != nil {
			return 0, 0, fmt.Errorf("read the vDSO: %w", err)
		}
		library, err := elf.NewFile(bytes.NewReader(image))
		if err != nil {
			return 0, 0, fmt.Errorf("read the vDSO: %w", err)
		}
		symbols, err := library.DynamicSymbols()
		if err != nil {
			return 0, 0, fmt.Errorf("read the vDSO: %w", err)
		}
		for _, s := range symbols {
			if s.Name == "__vdso_clock_gettime" {
				return from + int64(s.Value), int64(s.Size), nil
			}
		}
	}
	return 0, 0, errors.New("the process has no vDSO with a clock")
}

// programCounters waits until a process stands still and says where each of its threads does.
func programCounters(pid int) ([]uint64, error) {
	threads, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*"))
	if err != nil {
		return nil, err
	}
	var all []uint64
	for _, thread := range threads {
		pc, err := programCounter(thread)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue // it has ended
		}
		if err != nil {
			return nil, err
		}
		all = append(all, pc)
	}
	return all, nil
}

func programCounter(thread string) (uint64, error) {
	for range 1000 {
		content, err := os.ReadFile(filepath.Join(thread, "syscall"))
		if err != nil {
			return 0, err
		}
		if words := strings.Fields(string(content)); len(words) > 2 {
			return strconv.ParseUint(words[len(words)-1], 0, 64)
		}
		time.Sleep(time.Millisecond) // "running"
	}
	return 0, fmt.Errorf("%s does not stop", thread)
}

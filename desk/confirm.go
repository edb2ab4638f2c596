package desk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ticketScreen is where tickets and questions go: beside the answer where that is JSON.
func (d *desk) ticketScreen() screen {
	if d.asJSON {
		return newScreen(d.notes)
	}
	return d.screen
}

// terminal is the input if a person sits there.
func (d *desk) terminal() (*os.File, bool) {
	f, ok := d.input.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// confirm asks. Anything but yes is no.
func (d *desk) confirm(question string) error {
	if _, ok := d.terminal(); !ok {
		return failure(exitUsage, "nobody can be asked here: add --yes to do it without a question")
	}
	fmt.Fprintf(d.ticketScreen(), "%s [y/N] ", question)
	line, err := bufio.NewReader(d.input).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return failure(exitDeclined, "nothing was done")
}

// secret reads a password or a key, without showing it, or the first line of a pipe.
func (d *desk) secret(prompt string) (string, error) {
	f, ok := d.terminal()
	if !ok {
		line, err := bufio.NewReader(d.input).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("reading it: %w", err)
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", failure(exitUsage, "it is read from the terminal or from a pipe, and there is nothing")
		}
		return line, nil
	}
	fmt.Fprint(d.notes, prompt)
	typed, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(d.notes)
	if err != nil {
		return "", fmt.Errorf("reading it: %w", err)
	}
	return string(typed), nil
}

// unknown adds to the lack of an answer that what was asked for may have happened.
func unknown(err error, what, look string) error {
	var f *Failure
	if errors.As(err, &f) && f.Code == exitNoAnswer {
		return failure(exitNoAnswer, "%w\n  It is not known whether %s: %s shows it.", f.Err, what, look)
	}
	return err
}

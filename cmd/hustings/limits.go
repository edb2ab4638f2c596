package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/guard"
)

// readLimits reads the flag --limits: on, off, or a file.
func readLimits(text string) (*guard.Policy, error) {
	switch text {
	case "on":
		l := config.Defaults().Limits
		return l.Policy()
	case "off":
		return nil, nil
	}
	p, err := config.LoadLimits(text)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--limits %s: write on, off, or the name of a file (%w)", text, err)
	}
	return p, err
}

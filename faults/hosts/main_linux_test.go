package hosts_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/hustings/hustings/faults/hosts"
)

// tellTime makes the test program one that writes the time again and again.
const tellTime = "HUSTINGS_TELL_TIME"

func TestMain(m *testing.M) {
	if os.Getenv(tellTime) != "" {
		for range 1000 {
			fmt.Println(time.Now().Unix())
			time.Sleep(10 * time.Millisecond)
		}
		return
	}
	os.Exit(hosts.Run(m.Run))
}

//go:build !race

package replica

// raceDetector tells that the tests run with the race detector, and so at full size.
const raceDetector = false

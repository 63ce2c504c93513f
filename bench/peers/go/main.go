// peer CLOUD WAY ACTION COUNT: azure or aws, best, send or consume. Prints its CPU and time, start-up left out.
package main

import (
	"encoding/json"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func lanes(count int, work func()) {
	var group sync.WaitGroup
	for range count {
		group.Add(1)
		go func() {
			defer group.Done()
			work()
		}()
	}
	group.Wait()
}

func each[T any](items []T, work func(T)) {
	var group sync.WaitGroup
	for _, item := range items {
		group.Add(1)
		go func() {
			defer group.Done()
			work(item)
		}()
	}
	group.Wait()
}

// share is what is still to be received, by all lanes together.
type share struct {
	mutex sync.Mutex
	left  int
}

func newShare(count int) *share { return &share{left: count} }

func (s *share) take(most int) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	taken := min(most, s.left)
	s.left -= taken
	return taken
}

func (s *share) giveBack(count int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.left += count
}

func cpu() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func main() {
	count, err := strconv.Atoi(os.Args[4])
	check(err)
	works := map[string]func(int){
		"azure send": azureSend, "azure consume": azureConsume, "aws send": awsSend, "aws consume": awsConsume}
	begun, before := time.Now(), cpu()
	works[os.Args[1]+" "+os.Args[3]](count)
	check(json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"messages": float64(count), "seconds": time.Since(begun).Seconds(), "cpu_seconds": cpu() - before}))
}

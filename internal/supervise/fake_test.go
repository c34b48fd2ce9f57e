package supervise_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/laoyou/laoyou/internal/config"
	"github.com/laoyou/laoyou/internal/supervise"
)

// The test binary, called by another name, is a fake cloudd or boothd, or a real `laoyou up`.
func TestMain(m *testing.M) {
	switch name := filepath.Base(os.Args[0]); name {
	case "cloudd", "boothd":
		fake(name)
	case "laoyou":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		cfg := supervise.Default()
		_, err := config.Load(name, &cfg, os.Args[1:], os.Getenv)
		if err == nil {
			deps := supervise.Deps{Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Stdout: os.Stdout, Stderr: os.Stderr}
			err = supervise.New(cfg, deps).Run(ctx)
		}
		stop()
		config.Fail(name, err)
	default:
		os.Exit(m.Run())
	}
}

// fake is a program that keeps the promises supervise relies on, or breaks one: FAKE_CLOUDD and FAKE_BOOTHD say which.
func fake(name string) {
	listen := flag.String("listen", "", "")
	data := flag.String("data", "", "")
	flag.Bool("auth.dev_booth", false, "")
	sip := flag.String("sip.listen", "", "")
	mqtt := flag.String("mqtt.listen", "", "")
	url := flag.String("cloud.url", "", "")
	token := flag.String("cloud.token_file", "", "")
	claim := flag.String("fleet.token_file", "", "")
	flag.Parse()
	mode := os.Getenv(map[string]string{"cloudd": "FAKE_CLOUDD", "boothd": "FAKE_BOOTHD"}[name])
	if os.Getenv("LAOYOU_CONFIG") != "" || (name == "boothd" && (*url == "" || *token != filepath.Join(*data, "booth-token") || *claim != filepath.Join(*data, "claim-token"))) {
		mode = "usage"
	}
	switch mode {
	case "usage":
		fmt.Fprintln(os.Stderr, name+": key data: no")
		os.Exit(2)
	case "die":
		os.Exit(7)
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
	case "litter":
		sleep := exec.Command("sleep", "1000")
		sleep.Stdout = os.Stdout
		must(sleep.Start())
		must(os.WriteFile(filepath.Join(*data, "litter"), []byte(strconv.Itoa(sleep.Process.Pid)), 0o600))
	}
	for file, listen := range map[string]string{"sip.addr": *sip, "mqtt.addr": *mqtt} {
		if listen == "" {
			continue
		}
		line, err := net.Listen("tcp", listen)
		must(err)
		must(os.WriteFile(filepath.Join(*data, "run", file), []byte(line.Addr().String()), 0o600))
	}
	l, err := net.Listen("tcp", *listen)
	must(err)
	if mode != "silent" {
		must(os.WriteFile(filepath.Join(*data, "run", name+".addr"), []byte(l.Addr().String()), 0o600))
	}
	must(os.WriteFile(filepath.Join(*data, name+".pid"), []byte(strconv.Itoa(os.Getpid())), 0o600))
	mux := http.NewServeMux()
	mux.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	mux.HandleFunc("/pid", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, os.Getpid()) })
	for _, ok := range []string{"/readyz", "/healthz", "/sim/v1/view"} {
		mux.HandleFunc(ok, func(http.ResponseWriter, *http.Request) {})
	}
	fmt.Println("serving")
	must((&http.Server{Handler: mux, ReadHeaderTimeout: time.Second}).Serve(l))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "fake:", err)
		os.Exit(1)
	}
}

// Command kvasir-control-plane holds the parts of a Kubernetes control plane in one binary, one subcommand each.
package main

import (
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	if len(os.Args) < 2 {
		fail(2, "usage: kvasir-control-plane etcd|kube-apiserver|kube-controller-manager|kube-scheduler [FLAG]...")
	}
	name := os.Args[1]
	os.Args = append([]string{name}, os.Args[2:]...)
	if os.Getenv("KVASIR_EXIT_WITH_STDIN") != "" {
		go exitWithStdin()
	}
	switch name {
	case "etcd":
		etcd()
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	default:
		fail(2, "unknown subcommand %q: expected etcd, kube-apiserver, kube-controller-manager or kube-scheduler", name)
	}
}

// exitWithStdin ends this process when whoever holds the other end of its standard input has gone, however that happened.
func exitWithStdin() {
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// etcd serves one member on a unix socket that keeps nothing safe (no fsync): its data lives as long as a test or a local cluster.
func etcd() {
	dir := flag.String("data-dir", "", "folder for the data (required)")
	socket := flag.String("socket", "", "path of the unix socket that clients connect to (required)")
	flag.Parse()
	if *dir == "" || *socket == "" {
		fail(2, "etcd: --data-dir and --socket are required")
	}
	peer := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	config := embed.NewConfig()
	config.Dir = *dir
	config.UnsafeNoFsync = true
	config.LogLevel = "error"
	config.ListenClientUrls = []url.URL{{Scheme: "unix", Path: *socket}}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	server, err := embed.StartEtcd(config)
	if err != nil {
		fail(1, "etcd: %v", err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	select {
	case <-stop:
		server.Close()
	case err := <-server.Err():
		fail(1, "etcd: %v", err)
	}
}

func fail(code int, format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(code)
}

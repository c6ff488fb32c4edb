// A kubelet that knows port-forward alone, by the code of the real one: whatever the pod and its port, it leads to one
// address of this machine.
//
//	kubelet LISTEN-ADDRESS TARGET-ADDRESS
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubelet/pkg/cri/streaming/portforward"
)

const (
	idleTimeout   = time.Minute
	streamTimeout = 10 * time.Second
)

type target string

// PortForward copies both ways until the connection to the target ends.
func (address target) PortForward(_ context.Context, pod string, _ types.UID, port int32, stream io.ReadWriteCloser) error {
	log.Printf("forward to port %d of %s", port, pod)
	connection, err := net.Dial("tcp", string(address))
	if err != nil {
		return err
	}
	defer connection.Close()
	go func() {
		io.Copy(connection, stream)
		connection.(*net.TCPConn).CloseWrite()
	}()
	_, err = io.Copy(stream, connection)
	return err
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("kubelet LISTEN-ADDRESS TARGET-ADDRESS")
	}
	certificate, err := selfSigned()
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr:      os.Args[1],
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		// Connections are taken over, which HTTP/2 does not allow.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			options, err := portforward.NewV4Options(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			portforward.ServePortForward(w, r, target(os.Args[2]), path.Base(r.URL.Path), "", options,
				idleTimeout, streamTimeout, portforward.SupportedProtocols)
		}),
	}
	log.Fatal(server.ListenAndServeTLS("", ""))
}

// selfSigned makes what kube-apiserver takes as long as it is given no authority for kubelets.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

package broker

import "time"

// Limits of the embedded engine. A zero field takes its default.
type Limits struct {
	Clients         int           // booths and observers at once; 20,000
	ConnectDeadline time.Duration // from the first TCP packet to CONNECT; 10 s
	Strangers       int           // connections that have not got as far as CONNECT, in all; 4,096
	StrangersPerIP  int           // of one address; 2,048
	HandshakeRate   int           // TLS handshakes that are begun per second; 500
	KeepAlive       time.Duration // the longest that a peer may ask for; 300 s
	PacketSize      int           // bytes; 256 KiB
	MessageRate     int           // of one peer per second, in units of 4 KiB; 500
	MessageBurst    int           // 2,000
	WriteBuffer     int           // bytes that wait for one peer to read; 4 MiB
	WriteTimeout    time.Duration // until a peer that reads nothing is cut off; 10 s
	Pending         int           // messages that wait to be written to one peer; 512
	Inflight        int           // QoS 1 messages that one peer has not acknowledged; 2,048
}

func (l *Limits) defaults() {
	set(&l.Clients, 20_000)
	set(&l.ConnectDeadline, 10*time.Second)
	set(&l.Strangers, 4096)
	set(&l.StrangersPerIP, 2048)
	set(&l.HandshakeRate, 500)
	set(&l.KeepAlive, 300*time.Second)
	set(&l.PacketSize, 256<<10)
	set(&l.MessageRate, 500)
	set(&l.MessageBurst, 2000)
	set(&l.WriteBuffer, 4<<20)
	set(&l.WriteTimeout, 10*time.Second)
	set(&l.Pending, 512)
	set(&l.Inflight, 2048)
}

func set[T int | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

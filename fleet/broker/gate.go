package broker

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
)

// strangers bounds the connections that nobody has vouched for yet, in all and per address. When there are too many, the one that has
// been silent longest makes room; an honest booth speaks at once. When all have spoken, the newcomer is turned away.
type strangers struct {
	most, mostPerIP int

	mu     sync.Mutex
	n      int
	silent *list.List // of *stranger, oldest first
	byIP   map[netip.Prefix]*crowd
}

type crowd struct {
	n      int
	silent *list.List
}

type stranger struct {
	conn     net.Conn
	ip       netip.Prefix
	all, own *list.Element // places in the lists of the silent, nil once it has spoken
	left     bool
}

func newStrangers(most, mostPerIP int) *strangers {
	return &strangers{most: most, mostPerIP: mostPerIP, silent: list.New(), byIP: map[netip.Prefix]*crowd{}}
}

// enter takes a new connection in; evicted is the one that was closed to make room. nil means that there is no room.
func (s *strangers) enter(c net.Conn) (st *stranger, evicted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st = &stranger{conn: c, ip: origin(c.RemoteAddr())}
	of := s.byIP[st.ip]
	if of == nil {
		of = &crowd{silent: list.New()}
	}
	switch {
	case of.n >= s.mostPerIP:
		evicted = s.evict(of.silent)
	case s.n >= s.most:
		evicted = s.evict(s.silent)
	}
	if of.n >= s.mostPerIP || s.n >= s.most {
		return nil, evicted
	}
	s.byIP[st.ip] = of // evicting its last member may have removed it
	of.n++
	s.n++
	st.all, st.own = s.silent.PushBack(st), of.silent.PushBack(st)
	return st, evicted
}

func (s *strangers) evict(from *list.List) bool {
	oldest := from.Front()
	if oldest == nil {
		return false
	}
	st, _ := oldest.Value.(*stranger)
	s.remove(st)
	_ = st.conn.Close()
	return true
}

// spoke notes that the first byte has come.
func (s *strangers) spoke(st *stranger) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard(st)
}

func (s *strangers) heard(st *stranger) {
	if st.all == nil {
		return
	}
	s.silent.Remove(st.all)
	s.byIP[st.ip].silent.Remove(st.own)
	st.all, st.own = nil, nil
}

// leave gives the place back: the connection is somebody's now, or gone.
func (s *strangers) leave(st *stranger) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(st)
}

func (s *strangers) remove(st *stranger) {
	if st.left {
		return
	}
	s.heard(st)
	st.left = true
	s.n--
	of := s.byIP[st.ip]
	if of.n--; of.n == 0 {
		delete(s.byIP, st.ip)
	}
}

func (s *strangers) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

// origin is whom a connection is put down to: an IPv4 address, or an IPv6 network, since one host has all of its addresses.
func origin(a net.Addr) netip.Prefix {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap()
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// Package sip is the core's SIP side: it registers booths, answers what is dialled, calls trunks and booths, and keeps a record of every
// call. Who speaks with whom once a citizen is on the line is decided by cloud/contact; a booth's login comes from cloud/auth. Each call
// is owned by one goroutine.
package sip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/laoyou/laoyou/cloud/auth"
	"github.com/laoyou/laoyou/cloud/call"
	"github.com/laoyou/laoyou/cloud/contact"
	"github.com/laoyou/laoyou/cloud/media"
	"github.com/laoyou/laoyou/cloud/sipapi"
	"github.com/laoyou/laoyou/internal/voip"
)

// Contacts owns conversations with citizens.
type Contacts interface {
	// Arrived takes the leg of a citizen who wants a person. It returns at once; the line is the owner's until it has ended.
	Arrived(ctx context.Context, l contact.Line, a contact.Arrival)
	// Emergency begins the record of a call to the emergency operator.
	Emergency(a contact.Arrival) contact.Emergency
}

// Claimed knows the booths that joined while the core ran; false for an id that is none of theirs.
type Claimed func(id string) (voip.Secret, bool)

// Deps are what the server needs.
type Deps struct {
	Config   Config
	Tenant   string
	Booths   map[string]auth.LineLogin // by id, from the configuration
	Claimed  Claimed                   // the other booths; nil: there are none
	Contacts Contacts                  // nil: nobody answers, "queue" is 480
	Calls    call.Store
	Log      *slog.Logger
}

// Server is the SIP side of one core.
type Server struct {
	cfg       Config
	tenant    string
	contacts  Contacts
	store     call.Store
	log       *slog.Logger
	agent     *voip.Agent
	logins    map[string]voip.Secret
	claimed   Claimed
	registrar *registrar
	ladders   *ladders
	recorder  *call.Recorder
	sounds    media.Sounds
	spoken    spoken
	door      *door
}

// New returns a server; it opens nothing.
func New(d Deps) (*Server, error) {
	s := &Server{
		cfg: d.Config, tenant: d.Tenant, contacts: d.Contacts, store: d.Calls, log: d.Log, logins: map[string]voip.Secret{}, claimed: d.Claimed,
		registrar: newRegistrar(time.Now), ladders: newLadders(time.Now), recorder: call.NewRecorder(d.Calls, d.Tenant, d.Log),
	}
	for id, login := range d.Booths {
		if reserved(id) {
			return nil, fmt.Errorf("booth %s: the id is a service of the voice line", id)
		}
		s.logins[id] = secret(id, d.Config.Realm, login)
	}
	s.door = newDoor(d.Config.MaxCalls, d.Config.MaxBoothCalls)
	s.sounds = media.NewSounds()
	var err error
	s.agent, err = voip.New(voip.Config{
		Listen: d.Config.Listen, Name: "laoyou", Realm: d.Config.Realm, Log: d.Log,
		Accept: s.accept, Bind: s.registrar.bind, Auth: s.login, Open: s.open, Trace: s.ladders.trace,
		MediaTimeout: mediaTimeout, MD5Only: d.Config.Digest == digestMD5,
	})
	if err != nil {
		return nil, fmt.Errorf("sip: %w", err)
	}
	return s, nil
}

// mediaTimeout ends a call whose booth has lost its power or its network: no BYE comes from there.
const mediaTimeout = 20 * time.Second

// Run serves until ctx ends, then hangs up what is left and returns when everything is on record.
func (s *Server) Run(ctx context.Context) error {
	if err := s.recorder.Begin(ctx); err != nil {
		return err
	}
	recording, stopRecording := context.WithCancel(context.WithoutCancel(ctx))
	recorded := make(chan struct{})
	go func() {
		defer close(recorded)
		s.recorder.Run(recording)
	}()
	agentLife, stopAgent := context.WithCancel(context.WithoutCancel(ctx))
	defer stopAgent()
	served := make(chan error, 1)
	go func() { served <- s.agent.Run(agentLife) }()
	err := s.await(ctx, served)
	ended := s.door.end()
	select { // BYE has been sent; a peer that never answers is not waited for
	case <-ended:
	case <-time.After(goodbyeTime):
	}
	stopAgent()
	if err == nil {
		err = <-served
	}
	<-ended
	stopRecording()
	<-recorded
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}

// await returns when ctx ends or the agent could not listen, and says what it speaks once it does.
func (s *Server) await(ctx context.Context, served <-chan error) error {
	for ready := s.agent.Ready(); ; {
		select {
		case <-ready:
			ready = nil
			s.log.InfoContext(ctx, "voice line", slog.String("codecs", voip.Spoken()))
		case err := <-served:
			return err
		case <-ctx.Done():
			return nil
		}
	}
}

const goodbyeTime = 2 * time.Second

// Ready is closed when the server listens.
func (s *Server) Ready() <-chan struct{} { return s.agent.Ready() }

// Addr is where it listens, UDP and TCP. Valid after Ready.
func (s *Server) Addr() netip.AddrPort { return s.agent.Addr() }

func (s *Server) login(user string) (voip.Secret, bool) {
	sec, ok := s.logins[user]
	if !ok && s.claimed != nil && !reserved(user) {
		return s.claimed(user)
	}
	return sec, ok
}

func secret(id, realm string, l auth.LineLogin) voip.Secret {
	const md5Digits = 32
	switch {
	case l.HA1 == "":
		return voip.NewSecret(id, realm, l.Token)
	case len(l.HA1) == md5Digits:
		return voip.Secret{MD5: l.HA1}
	default:
		return voip.Secret{SHA256: l.HA1}
	}
}

// open: the echo answers a test tool on this machine, and nobody else, without a login.
func (s *Server) open(user string, source netip.AddrPort) bool {
	ip := source.Addr().Unmap()
	return s.cfg.Lab && user == sipapi.UserEcho && ip.Is4() && ip.IsLoopback()
}

// Reserved user parts are services, and no booth's id.
func Reserved(id string) bool { return reserved(id) }

func reserved(user string) bool {
	return user == sipapi.UserQueue || user == sipapi.UserSOS || user == sipapi.UserEcho || strings.HasPrefix(user, sipapi.PrefixCall)
}

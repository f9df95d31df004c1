"""scenes_recovery: a root names branches and what is lost, for test_evidence."""

from scenes import *


def recovered(*jumps, seq=None, prev=None, envs=(), ack=None, receipts=()):
    """A's root names branches of lane 0, jumps = (old_seq, old_env,
    next_seq) in one statement each; then A goes on at seq after prev."""
    s = Scene()
    last = s.a2.envs[-1].id
    for run in envs:
        s.append(run.entry())
    sts = []
    for old_seq, old_env, next_seq in jumps:
        sts.append(ROOT_A.statement(statement.encode_recovery(
            ROOT_A.pk, PAIR_ID, 0, 4, 7, 2,
            [(old_seq, last if old_env is None else old_env, next_seq),
             (0, bytes(32), 1), (0, bytes(32), 1)])))
        s.append(sts[-1])
    seq = seq or jumps[-1][2]
    ep = Epoch("after recovery")
    env = wire.seal(header(ep, seq, last if prev is None else prev, 0,
                           start=4, rand=7), *keys.chain_keys(ep.ck0, 0),
                    fields_for(seq))
    run = wire.Run(wire.NO_SEEN, [env]).sign(S_A)
    at = s.append(run.entry())
    s.rc.append(s.receipt(S_B, 4, CH_AB, seq, seq, env.id, at))
    s.append(s.rc[-1])
    for first, last_seq in receipts:
        s.rc.append(s.receipt(RELAY_S, 3, CH_AB, first, last_seq,
                              seed("lost"), 99))
        s.append(s.rc[-1])
    if ack is not None:
        more = wire.seal(header(Epoch("b", chan=CH_BA), 2, s.b_env.id, 1,
                                kid=S_B.kid, ack_seq=ack[0], ack_env=ack[1]),
                         seed("ke"), seed("kf"), fields_for(2))
        s.b2 = wire.Run(wire.NO_SEEN, [more]).sign(S_B)
        at = s.append(s.b2.entry())
        s.rc.append(s.receipt(S_A, 4, CH_BA, 2, 2, more.id, at))
        s.append(s.rc[-1])
    b = s.bundle()
    b.statements += sts
    b.runs["a0"] += [r.bare() for r in envs] + [run.bare()]
    if ack is not None:
        b.runs["b0"].append(s.b2.bare())
    return b


@scene
def recovered_without_loss():
    return recovered((5, None, 6))


@scene
def recovered_declaring_loss():
    return recovered((5, None, 9))


@scene
def declared_lost_but_receipted():
    return recovered((5, None, 9), receipts=[(6, 7)])


@scene
def declared_lost_but_in_a_stretch():
    return recovered((5, None, 9), receipts=[(2, 7)])


def other_four():
    env = sealed(Epoch(), 1, 4, 3, Scene().a.envs[-1].id, [(1, b"another")])
    return wire.Run(wire.NO_SEEN, env).sign(S_A)


@scene
def fork_and_the_other_branch():
    run = other_four()
    return recovered((4, run.envs[0].id, 6), prev=run.envs[0].id, envs=[run])


@scene
def fork_and_this_branch():
    return recovered((5, None, 6), envs=[other_four()])


@scene
def recovery_cuts_back():
    return recovered((3, Scene().a.envs[2].id, 6),
                     prev=Scene().a.envs[2].id)


@scene
def recovery_from_what_is_not_here():
    return recovered((5, seed("never shown"), 6), prev=seed("never shown"))


@scene
def recovery_not_followed():
    return recovered((5, None, 6), prev=seed("elsewhere"))


@scene
def recovery_of_another_seq():
    return recovered((5, None, 9), seq=8)


@scene
def two_recoveries_in_a_row():
    return recovered((5, None, 9), (5, None, 12))


@scene
def two_recoveries_of_one_seq():
    return recovered((3, Scene().a.envs[2].id, 6), (5, None, 6))


@scene
def hole_between_recoveries():
    return recovered((5, None, 8), (10, seed("ten"), 12), prev=seed("ten"))


@scene
def ack_goes_back_with_the_branch():
    return recovered((2, Scene().a.envs[1].id, 6),
                     prev=Scene().a.envs[1].id,
                     ack=(2, Scene().a.envs[1].id))


@scene
def ack_goes_back_too_far():
    return recovered((2, Scene().a.envs[1].id, 6),
                     prev=Scene().a.envs[1].id,
                     ack=(1, Scene().a.envs[0].id))


@scene
def ack_goes_back_for_nothing():
    return recovered((5, None, 6), ack=(2, Scene().a.envs[1].id))


@scene
def recovery_by_the_other_root():
    b = recovered((5, None, 9))
    st = ROOT_B.statement(statement.encode_recovery(
        ROOT_B.pk, PAIR_ID, 0, 4, 7, 2, [(5, seed("x"), 6),
                                         (0, bytes(32), 1),
                                         (0, bytes(32), 1)]))
    b.statements.append(st)
    return b

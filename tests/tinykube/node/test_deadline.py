"""A Pod's own deadline."""


async def test_a_deadline_can_be_brought_forward(machine):
    machine.run("sleep", "1000", activeDeadlineSeconds=300, terminationGracePeriodSeconds=1)
    await machine.clock.advance(3)
    machine.client.patch("pods", "default", "p", {"spec": {"activeDeadlineSeconds": 20}})
    await machine.clock.advance(10)
    assert machine.pod()["status"]["phase"] == "Running"
    await machine.clock.advance(15)
    assert machine.pod()["status"]["reason"] == "DeadlineExceeded"
    assert machine.count("DeadlineExceeded") == 1

import { describe, expect, it } from "vitest";
import { check, hint, simulated, ways } from "./chinese";

describe("what the service says, in Chinese", () => {
  it("knows checks by their shape, the step's name in front", () => {
    expect(check("there is no step `mian`")).toBe("没有步骤 `mian`");
    expect(check("step `ask`: keys: `1` stands twice (first in line 9)")).toBe("步骤 `ask`：keys：`1` 重复（首次在第 9 行）");
    expect(check("step `lost`: no step leads here")).toBe("步骤 `lost`：没有任何步骤通向这里");
    expect(check("not valid YAML: mapping values are not allowed in this context")).toContain("不能有冒号");
    expect(check("step `weigh`: when: `size` is not a function here; there are length, lower")).toBe("步骤 `weigh`：when：没有函数 `size`，可用：length, lower");
    expect(hint("did you mean `main`?")).toBe("是不是 `main`？");
  });

  it("knows the warnings, and what the rules for calls outside forbid", () => {
    expect(check("step `ask`: nothing is said")).toBe("步骤 `ask`：没有要说的话");
    expect(check("step `ask`: nothing in English, which callers can have chosen here")).toBe("步骤 `ask`：没有英语，而来电人到这里可能已选英语");
    expect(check("queue `general`: comfort: nothing in Chinese, which callers can have chosen here")).toBe("队列 `general`：comfort：没有中文，而来电人到这里可能已选中文");
    expect(check("hotline 4008001: there is no trunk `nroth`")).toBe("热线 4008001：没有中继 `nroth`");
    expect(check("step `out`: `400800` may not be dialled: the setting dial_out_allow does not hold it")).toContain("不允许外呼");
    expect(hint("add CN:tollfree to CALLCENTER_DIAL_OUT_ALLOW, or name another number")).toContain("加上 CN:tollfree");
  });

  it("leaves a sentence that it does not know as it is", () => {
    expect(check("something new is wrong")).toBe("something new is wrong");
  });

  it("tells the simulator's lines", () => {
    expect(simulated("waits in the queue general, priority 5")).toBe("进入队列 general 等候，优先级 5");
    expect(simulated("您好。")).toBe("您好。");
  });

  it("writes several ways to one step on one arrow", () => {
    expect(ways("key 0, key 2, timeout, invalid", true)).toBe("⌨ 0 2 · 超时 · 错键");
    expect(ways("next", false)).toBe("");
    expect(ways("agent left", false)).toBe("agent left");
  });
});

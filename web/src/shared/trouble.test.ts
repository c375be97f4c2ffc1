import { describe, expect, it } from "vitest";
import { ApiError } from "./http";
import { troubleWords } from "./trouble";

describe("what went wrong", () => {
  it("is said in Chinese where the service's sentence is known, and with it where it is not", () => {
    const known = new ApiError(409, "conflict", "a colleague has seen to this message already");
    expect(troubleWords(known, "zh-CN")).toBe("同事已经处理了这条留言");
    expect(troubleWords(known, "en")).toBe("a colleague has seen to this message already");
    expect(troubleWords(new ApiError(409, "conflict", "odd"), "zh-CN")).toBe("与当前状态不符，请刷新后再试（odd）");
    expect(troubleWords(new ApiError(503, "unavailable", "odd"), "zh-CN")).toBe("服务的一部分暂时不可用，请稍后再试");
  });
});
